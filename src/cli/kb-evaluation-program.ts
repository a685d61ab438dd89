/** `puna kb questions`, `eval` and `compare`: their arguments and their help. */
import type { Command } from "commander";
import type { Context } from "./context.ts";

/** `verb` makes a command of `puna kb`. */
export function addEvaluationCommands(
  verb: (usage: string, description: string) => Command,
  withServer: () => Promise<Context>,
): void {
  verb(
    "questions <base> [action] [words...]",
    "Questions that a base is judged by: list, add QUESTION, make, import FILE, export [FILE], rm ID",
  )
    .option("--quote <words>", "add: the answer's words, as they stand in the document")
    .option("--document <name>", "add: the document, where the quote alone is not enough")
    .option("--answer <words>", "add: words that a right answer has")
    .option("--refusal", "add: the documents do not say, and a refusal is expected")
    .option("--count <number>", "make: how many (default: 40)")
    .option("--model <model>", "make: the model that makes them (default: sentences are taken apart)")
    .option("--origin <origin>", "list, rm: only those of one origin: hand, file, sentences or model")
    .option("--format <format>", "export: jsonl or csv (default: by the file's name)")
    .option("--json", "As JSON")
    .action(async (base: string, action: string | undefined, words: string[], flags) => {
      const { questions } = await import("./commands/kb/questions.ts");
      await questions(await withServer(), base, { action, words }, flags);
    });
  verb("eval <base>", "Ask a base its questions: what is found, refused and answered; a gate for scripts")
    .option("--questions <file>", "Questions of a file, for this once (default: the base's own)")
    .option("--generate <number>", "So many questions made of the base's sentences, for this once")
    .option("--threshold <score>", "In place of the base's")
    .option("--index <id>", "Another index than the live one, or words for the words alone")
    .option("--answers", "Have the answers written, and check them")
    .option("--model <model>", "Have the answers written by this model")
    .option("--min-recall <share>", "Fail below this share of answers in the first five hits, such as 0.95")
    .option("--min-refusal <share>", "Fail below this share of refusals where the documents are silent, such as 0.8")
    .option("--max-drop <share>", "Fail when recall fell by more since the evaluation before, such as 0.02")
    .option("--misses <number>", "How many questions that went wrong are shown (default: 10)")
    .option("--json", "As JSON")
    .action(async (base: string, flags) => {
      const { evaluate } = await import("./commands/kb/eval.ts");
      await evaluate(await withServer(), base, flags);
    });
  verb("compare <base> <a> <b>", "Compare two indexes, by number or embedder, on the base's own questions")
    .option("--json", "As JSON")
    .action(async (base: string, a: string, b: string, flags) => {
      const { compare } = await import("./commands/kb/compare.ts");
      await compare(await withServer(), base, [a, b], flags);
    });
}
