/** `puna kb <verb>`: the commands of knowledge bases, their arguments and their help. A verb is a file in commands/kb/. */
import { type Command, Option } from "commander";
import { Invalid } from "../errors.ts";
import { addCommand, KEYLESS_SETTINGS } from "./add-command.ts";
import type { Context } from "./context.ts";
import { addEvaluationCommands } from "./kb-evaluation-program.ts";
import { addSourceCommands } from "./kb-source-program.ts";

/** `withServer` gives a context once a server has answered. */
export function addKnowledgeCommands(program: Command, withServer: () => Promise<Context>): void {
  const kb = addCommand(program, "kb", "Knowledge bases: documents that models answer from", { variables: KEYLESS_SETTINGS })
    .usage("<command> [flags]")
    .helpCommand("help [command]", "Show help for a command");
  kb.action(() => {
    const [unknown] = kb.args;
    if (unknown === undefined) return kb.outputHelp();
    if (unknown.startsWith("-")) throw new Invalid(`unknown flag: ${unknown} (see 'puna kb --help')`);
    throw new Invalid(`unknown command ${JSON.stringify(unknown)} for "puna kb" (see 'puna kb --help')`);
  });
  // Both reach the action above, as with the program's own.
  kb.allowExcessArguments().allowUnknownOption();

  const verb = (usage: string, description: string) => addCommand(kb, usage, description, { variables: KEYLESS_SETTINGS });
  const mode = () => new Option("--mode <mode>", "query: from the documents alone; chat: the model may add what it knows");

  verb("create <name>", "Create a knowledge base")
    .option("--embedder <model>", "Search by meaning as well, with this embedding model")
    .option("--model <model>", "The model that answers (default: one that is here)")
    .addOption(mode().choices(["chat", "query"]))
    .option("--json", "As JSON")
    .action(async (name: string, flags) => {
      const { create } = await import("./commands/kb/create.ts");
      await create(await withServer(), name, flags);
    });
  verb("list", "List the knowledge bases")
    .alias("ls")
    .option("--json", "As JSON")
    .action(async (flags) => {
      const { list } = await import("./commands/kb/list.ts");
      await list(await withServer(), flags);
    });
  verb("show <base>", "Show what a knowledge base holds and how it is set")
    .option("--json", "As JSON")
    .action(async (base: string, flags) => {
      const { show } = await import("./commands/kb/show.ts");
      await show(await withServer(), base, flags);
    });
  verb("set <base> <settings...>", "Change settings, as key=value; an empty value takes one back")
    .option("--json", "As JSON")
    .action(async (base: string, settings: string[], flags) => {
      const { set } = await import("./commands/kb/set.ts");
      await set(await withServer(), base, settings, flags);
    });
  verb("rename <base> <name>", "Give a knowledge base another name").action(async (base: string, name: string) => {
    const { rename } = await import("./commands/kb/rename.ts");
    await rename(await withServer(), base, name);
  });
  verb("add <base> <files...>", "Add files, folders, web addresses, or - for what is piped in")
    .option("--name <name>", "The name of what is piped in (default: how it begins)")
    .option("--no-wait", "Do not wait until all is read")
    .option("--json", "As JSON")
    .action(async (base: string, files: string[], flags) => {
      const { add } = await import("./commands/kb/add.ts");
      await add({ ...(await withServer()), input: process.stdin }, base, files, flags);
    });
  verb("docs <base>", "List the documents")
    .option("--json", "As JSON")
    .action(async (base: string, flags) => {
      const { docs } = await import("./commands/kb/docs.ts");
      await docs(await withServer(), base, flags);
    });
  verb("rm <base> [documents...]", "Remove documents, by number, name or place; without one, the knowledge base")
    .option("-y, --yes", "Do not ask")
    .action(async (base: string, documents: string[], flags) => {
      const { rm } = await import("./commands/kb/rm.ts");
      await rm({ ...(await withServer()), input: process.stdin }, base, documents, flags);
    });
  verb("jobs <base> [job]", "List the imports, or what became of one")
    .option("--json", "As JSON")
    .action(async (base: string, job: string | undefined, flags) => {
      const { jobs } = await import("./commands/kb/jobs.ts");
      await jobs(await withServer(), base, job, flags);
    });
  verb("retry <base> [job]", "Try again what failed in an import (default: the last)")
    .option("--no-wait", "Do not wait until all is read")
    .option("--json", "As JSON")
    .action(async (base: string, job: string | undefined, flags) => {
      const { retry } = await import("./commands/kb/retry.ts");
      await retry(await withServer(), base, job, flags);
    });
  verb("cancel <base> [job]", "End an import (default: all that go on); what was read stays").action(
    async (base: string, job: string | undefined) => {
      const { cancel } = await import("./commands/kb/cancel.ts");
      await cancel(await withServer(), base, job);
    },
  );
  verb("search <base> <query...>", "Find passages")
    .option("--limit <number>", "How many at most (default: 8)")
    .option("--folder <folder>", "Only documents in this folder")
    .option("--language <languages>", "Only documents in these languages, such as en,zh")
    .option("--since <date>", "Only documents from this day on, such as 2026-01-31 or 30d")
    .option("--json", "As JSON")
    .action(async (base: string, query: string[], flags) => {
      const { search } = await import("./commands/kb/search.ts");
      await search(await withServer(), base, query.join(" "), flags);
    });
  verb("ask <base> <question...>", "Ask a question, and see where the answer comes from")
    .option("--model <model>", "The model that answers (default: the one of the knowledge base)")
    .addOption(mode().choices(["chat", "query"]))
    .option("--folder <folder>", "Only documents in this folder")
    .option("--language <languages>", "Only documents in these languages, such as en,zh")
    .option("--since <date>", "Only documents from this day on, such as 2026-01-31 or 30d")
    .option("--json", "As JSON")
    .action(async (base: string, question: string[], flags) => {
      const { ask } = await import("./commands/kb/ask.ts");
      await ask(await withServer(), base, question.join(" "), flags);
    });
  verb("export <base>", "Write a knowledge base to one file")
    .option("-o, --output <file>", "The file, or - for standard output (default: BASE.kb.tar.gz)")
    .option("--no-vectors", "Leave the vectors out: the file is smaller, and an import makes them again")
    .option("-f, --force", "Write over a file that is there")
    .action(async (base: string, flags) => {
      const { exportBase } = await import("./commands/kb/export.ts");
      await exportBase({ ...(await withServer()), output: process.stdout }, base, flags);
    });
  verb("import <file>", "Make a knowledge base from an exported file, or from - for what is piped in")
    .option("--name <name>", "Another name than it had")
    .option("--json", "As JSON")
    .action(async (file: string, flags) => {
      const { importBase } = await import("./commands/kb/import.ts");
      await importBase({ ...(await withServer()), input: process.stdin }, file, flags);
    });
  verb("index <base> [action] [name]", "Vectors beside the words: list, build EMBEDDER, live ID, rollback, drop ID, reset")
    .option("--live", "build: search it as soon as it is complete")
    .option("--no-wait", "build, reset: do not wait for the end")
    .option("--json", "As JSON")
    .action(async (base: string, action: string | undefined, name: string | undefined, flags) => {
      const { index } = await import("./commands/kb/index.ts");
      await index(await withServer(), base, { action, name }, flags);
    });
  addSourceCommands(verb, withServer);
  addEvaluationCommands(verb, withServer);
}
