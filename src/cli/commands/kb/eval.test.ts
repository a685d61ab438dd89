import { expect, test } from "vitest";
import { startFakeServer } from "../../../../test/support/fake-server.ts";
import { recordedTerminal } from "../../../../test/support/recorded-terminal.ts";
import { createClient } from "../../client.ts";
import { type EvalFlags, evaluate } from "./eval.ts";

const gate = { threshold: 50, answered: 0.9, refused: null, refused_without: 0.7 };
const figures = {
  ...{ recall_at_1: 0.8, recall_at_5: 0.9, mrr: 0.85, answerable: 10, unanswerable: 0, faults: 0 },
  ...{ gate, curve: [gate, { ...gate, threshold: 30, refused_without: 0.9 }], best_threshold: 30, answers: null },
};
const evaluation = {
  ...{ id: 7, kind: "search", state: "done", reason: null, questions: 10, done: 10, figures, comparison: null },
  settings: { questions: "golden", threshold: 50, without_document: true, answers: false },
  subject: { documents: 3, passages: 9, index: { id: 1, embedder: "bge", digest: "d" }, model: null },
};
const result = {
  ...{ question: "How long?", answer: null, rank: 0, best: 60, best_without: 20, reply: null, fault: null },
  place: { document: "a\u001b[2J.pdf", document_id: 1, page: 3, start: 10, end: 20, quote: "two\nyears" },
  first: { document: "b.md", document_id: 2, page: null, start: 0, end: 9, score: 61.4, text: "Another place." },
};

async function run(flags: EvalFlags, script: Parameters<typeof startFakeServer>[0] = {}) {
  await using server = await startFakeServer({
    "POST /puna/knowledge/my%20notes/evaluations": {
      status: 202,
      json: { evaluation: { ...evaluation, state: "running" }, failed: [] },
    },
    "GET /puna/knowledge/my%20notes/evaluations/7/events": { lines: [{ evaluation }] },
    "GET /puna/knowledge/my%20notes/evaluations/7": { json: { evaluation, results: [result] } },
    ...script,
  });
  const { terminal, written } = recordedTerminal();
  const fault = await evaluate({ client: createClient(server.host), terminal }, "my notes", flags).catch((error: Error) => error);
  return { fault, ...written, asked: server.asked };
}

test("figures, the threshold that would serve better, and what went wrong, safe for a terminal", async () => {
  const { fault, out } = await run({});
  expect(fault).toBeUndefined();
  expect(out).toContain("my notes: its own questions (10), 3 documents, 9 passages, words and bge\n");
  expect(out).toContain("first five         0.900    of 10 that the documents answer");
  expect(out).not.toContain("refused  ");
  expect(out).toContain("A threshold of 30 would serve these questions better.");
  expect(out).toContain(
    "Misses: 1\n- How long?: not found\n    expected  a^[[2J.pdf, page 3 (10-20): “two years”\n    first     b.md (0-9), score 61: “Another place.”\n",
  );
});

test("gates: refusal without questions for it is that without the document; each that is not passed is named", async () => {
  const { fault, out } = await run({ minRecall: "0.9", minRefusal: "0.8", maxDrop: "0.01" });
  expect(out).toContain(
    "pass  recall 0.900 is not below 0.900\nFAIL  refusal 0.700 is below 0.800\npass  drop: nothing to compare with",
  );
  expect(fault).toMatchObject({ message: "the gate is not passed: refusal 0.700 is below 0.800" });
  const before = { recall_at_1: 1, recall_at_5: 1, mrr: 1 };
  const difference = { common: 10, recall_before: before, recall_now: { ...before, recall_at_5: 0.9 } };
  const script = { "GET /puna/knowledge/my%20notes/evaluations/7/difference": { json: difference } };
  expect((await run({ maxDrop: "0.05" }, script)).fault).toMatchObject({
    message: expect.stringContaining("more than 0.050 down"),
  });
  expect((await run({ maxDrop: "0.1" }, script)).fault).toBeUndefined();
});

test("Ctrl-C cancels the evaluation on the server", async () => {
  const running = { evaluation: { ...evaluation, state: "running", done: 3 } };
  const { fault, asked } = await run(
    {},
    {
      "GET /puna/knowledge/my%20notes/evaluations/7/events": () => {
        setTimeout(() => process.emit("SIGINT"), 50);
        return { lines: [running], endless: true };
      },
      "DELETE /puna/knowledge/my%20notes/evaluations/7": { json: {} },
    },
  );
  expect(fault).toMatchObject({ message: "the evaluation was canceled" });
  expect(asked.at(-1)?.method).toBe("DELETE");
});

test("one that fails says why", async () => {
  const failed = { evaluation: { ...evaluation, state: "failed", reason: "the model is gone" } };
  const { fault } = await run({}, { "GET /puna/knowledge/my%20notes/evaluations/7/events": { lines: [failed] } });
  expect(fault).toMatchObject({ message: "the evaluation failed: the model is gone" });
});
