/** Questions, evaluations and the gate for scripts, with the built command and the bundled model, as a CI job uses them. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasShared, miniModel, sharedModels } from "../fixtures/real-server.ts";
import { handbook } from "../fixtures/small-base.ts";
import { servedHome } from "../support/served-home.ts";

let folder: string;
let at: Awaited<ReturnType<typeof servedHome>>;
const kb = async (...words: string[]) => await at.puna(["kb", ...words]);
const file = (name: string, content: string) => {
  const full = path.join(folder, name);
  writeFileSync(full, content);
  return full;
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-eval-"));
  at = await servedHome({});
  const files = Object.entries(handbook).map(([name, text]) => file(name, text));
  expect((await kb("create", "handbook")).code).toBe(0);
  expect((await kb("add", "handbook", ...files)).code).toBe(0);
});
afterAll(async () => {
  await at[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const golden = `question,quote,answer,expects_refusal
How long is the guarantee for garden tools?,lasts two years from the day of purchase,two years,
Where do receipts go?,Receipts go to the office on the second floor,second floor,
宿舍每晚几点关门？,宿舍每晚十一点关门,十一点,
Who won the football championship?,,,yes
`;

test("a base without questions says how to get some", async () => {
  const { code, err } = await kb("eval", "handbook");
  expect([code, err]).toEqual([
    1,
    expect.stringContaining("has no questions to be judged by: add some (puna kb questions NAME add)"),
  ]);
  expect((await kb("questions", "handbook")).err).toContain("There are no questions yet");
});

test("questions are added, imported, listed, exported and removed", async () => {
  const added = await kb("questions", "handbook", "add", "Which", "trains?", "--quote", "Train tickets in the first class");
  expect([added.code, added.out]).toEqual([0, "added 1 question\n"]);
  expect((await kb("questions", "handbook", "add", "Why?", "--quote", "nobody wrote this")).err).toContain("no document says");
  expect((await kb("questions", "handbook", "add", "Why?")).err).toContain("where is the answer?");
  const imported = await kb("questions", "handbook", "import", file("golden.csv", golden));
  expect([imported.code, imported.out, imported.err]).toEqual([0, "added 4 questions\n", ""]);
  const listed = await kb("questions", "handbook", "list");
  expect(listed.out).toMatch(/^ID +ORIGIN +QUESTION +EXPECTED +\n1 +hand +Which trains\? +expenses\.md \(\d+-\d+\)/);
  expect(listed.out).toMatch(/file +Who won the football championship\? +a refusal/);
  const out = path.join(folder, "out.jsonl");
  expect((await kb("questions", "handbook", "export", out)).code).toBe(0);
  expect(readFileSync(out, "utf8").trimEnd().split("\n")).toHaveLength(5);
  expect((await kb("questions", "handbook", "rm", "--origin", "file")).out).toBe("removed 4 questions\n");
  expect((await kb("questions", "handbook", "import", out)).out).toBe("added 4 questions, 1 were there\n");
  expect((await kb("questions", "handbook", "rm", "1")).out).toBe("removed question 1\n");
});

describe("eval as a gate", () => {
  const gates = ["--min-recall", "0.95", "--min-refusal", "0.8", "--max-drop", "0.02"];

  test("passes, and prints what was measured", async () => {
    const { code, out, err } = await kb("eval", "handbook", ...gates);
    expect([code, err.includes("Error")]).toEqual([0, false]);
    expect(out).toMatch(/^handbook: its own questions \(4\), 6 documents, \d+ passages, words alone\n\nMEASURE +SHARE/);
    expect(out).toMatch(/first five +1\.000 +of 3 that the documents answer/);
    expect(out).toMatch(/\npass {2}recall 1\.000 is not below 0\.950\npass {2}refusal 1\.000 is not below 0\.800\npass {2}drop:/);
    const again = await kb("eval", "handbook", ...gates);
    expect(again.out).toContain("pass  recall went from 1.000 to 1.000 on 4 questions, not more than 0.020 down");
  });

  test("fails with exit code 1 and names the questions that went wrong", async () => {
    const strict = await kb("eval", "handbook", "--threshold", "0", "--min-refusal", "0.8");
    expect(strict.code).toBe(1);
    expect(strict.out).toMatch(
      /Misses: 1\n- Who won the football championship\?: should be refused\n {4}expected {2}a refusal\n/,
    );
    expect(strict.out).toContain("FAIL  refusal 0.000 is below 0.800");
    expect(strict.err).toContain("Error: the gate is not passed: refusal 0.000 is below 0.800");
    // A question whose document is gone must not make the rest look better.
    const questions = file(
      "more.jsonl",
      '{"question":"A?","quote":"two years"}\n{"question":"B?","quote":"nobody wrote this"}\n',
    );
    const lost = await kb("eval", "handbook", "--questions", questions, "--min-recall", "0");
    expect([lost.code, lost.out, lost.err]).toEqual([
      1,
      expect.stringContaining("FAIL  1 question could not be asked"),
      expect.stringContaining("Note: question 2 was not asked"),
    ]);
  });

  test("fails when recall drops, on the questions that both have", async () => {
    const rivals = Array.from({ length: 6 }, (_, i) =>
      file(
        `rival${i}.md`,
        `Guarantee ${i} for garden tools. The guarantee for garden tools of shop ${i} is another guarantee.\n`,
      ),
    );
    expect((await kb("add", "handbook", ...rivals)).code).toBe(0);
    const { code, out } = await kb("eval", "handbook", "--max-drop", "0.02");
    expect([code, out]).toEqual([
      1,
      expect.stringContaining("FAIL  recall went from 1.000 to 0.667 on 4 questions, more than 0.020 down"),
    ]);
    expect(out).toMatch(/Misses: \d\n- How long is the guarantee for garden tools\?: (?:not found|found at place \d+)\n/);
    expect(out).toMatch(
      / {4}expected {2}garden\.md \(\d+-\d+\): “lasts two years from the day of purchase”\n {4}first {5}rival\d\.md/,
    );
  });

  test("as JSON, and made of sentences for this once", async () => {
    const { code, out } = await kb("eval", "handbook", "--generate", "6", "--json", "--min-recall", "0.5");
    const { evaluation, results, gates: passed, failed } = JSON.parse(out);
    expect([code, evaluation.settings.questions, evaluation.state, failed]).toEqual([0, "sentences", "done", []]);
    expect(results).toHaveLength(evaluation.questions);
    expect(passed).toEqual([{ name: "recall", passes: true, sentence: expect.stringContaining("recall ") }]);
  });

  test("wrong words are refused before anything is asked", async () => {
    for (const [words, message] of [
      [["--min-recall", "95"], "must be a share from 0 to 1"],
      [["--generate", "many"], "must be a whole number"],
      [["--questions", "/nowhere"], "cannot read the questions in /nowhere"],
      [["--questions", "x", "--generate", "3"], "not both"],
    ] as const) {
      const { code, err } = await kb("eval", "handbook", ...words);
      expect([code, err]).toEqual([1, expect.stringContaining(message)]);
    }
  });
});

test("answers of the bundled model are checked", async () => {
  writeFileSync(path.join(folder, "Modelfile"), `FROM ${miniModel}\n`);
  expect((await at.puna(["create", "small", "-f", path.join(folder, "Modelfile")])).code).toBe(0);
  // It was not made to write questions: whatever it writes is checked, and dropped when its answer is not in the passage.
  const made = JSON.parse((await kb("questions", "handbook", "make", "--count", "2", "--model", "small", "--json")).out);
  expect(made.added.length + made.known + made.dropped.length).toBe(2);
  await kb("questions", "handbook", "rm", "--origin", "model");
  const { code, out } = await kb("eval", "handbook", "--model", "small", "--json");
  const { evaluation, results } = JSON.parse(out);
  expect([code, evaluation.subject.model.name, evaluation.figures.answers.asked]).toEqual([0, "small:latest", 4]);
  const receipts = results.find(({ question }: { question: string }) => question === "Where do receipts go?");
  expect(receipts.reply).toMatchObject({
    refused: false,
    right_refusal: true,
    has_answer: true,
    cites_place: true,
    unsupported: [],
  });
  const football = results.find(({ place }: { place: unknown }) => place === null);
  expect(football.reply).toMatchObject({ refused: true, right_refusal: true });
});

test.skipIf(!hasShared)(`two embedders are compared${hasShared ? "" : " (skipped: no ../shared/data/models)"}`, async () => {
  for (const [name, model] of [
    ["english", "potion-base-4M.static-bert.f16.gguf"],
    ["both", "lexical-zh-en.static-bert.f16.gguf"],
  ] as const) {
    const modelfile = path.join(folder, `${name}.Modelfile`);
    writeFileSync(modelfile, `FROM ${path.join(sharedModels, model)}\n`);
    expect((await at.puna(["create", name, "-f", modelfile])).code).toBe(0);
    expect((await kb("index", "handbook", "build", name)).code).toBe(0);
  }
  const { code, out, err } = await kb("compare", "handbook", "english", "both");
  expect([code, err.includes("Error")]).toEqual([0, false]);
  expect(out).toMatch(/^SEARCHED BY +FIRST +FIVE +MRR +\nwords alone +\d\.\d{3} +\d\.\d{3}/);
  expect(out).toMatch(/a: english:latest +\d\.\d{3}[\s\S]*b: both:latest and words +\d\.\d{3}/);
  expect(out).toMatch(/3 questions of the base's own\. .+R@5/);
  // Nothing was changed by it.
  expect((await kb("eval", "handbook")).out).toContain("words alone");
});
