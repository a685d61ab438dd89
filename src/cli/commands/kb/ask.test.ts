import { expect, test } from "vitest";
import { startFakeServer } from "../../../../test/support/fake-server.ts";
import { recordedTerminal } from "../../../../test/support/recorded-terminal.ts";
import { readConfig } from "../../../config.ts";
import { createClient } from "../../client.ts";
import { ask } from "./ask.ts";

const place = { document: "guide.pdf", document_id: 4, page: 3, headings: ["Ferries"] };
const citation = { number: 1, ...place, start: 8, end: 39, text: "The ferry leaves at 21:40.", verbatim: true, support: 1 };
const trace = {
  ...{ base: "notes", mode: "query", model: "mini:latest", unsupported: [], sources: [], best: 87, threshold: 50, notices: [] },
};

function answer(text: string, more: object) {
  const parts = text.match(/[\s\S]{1,10}/g) ?? [];
  const message = (content: string) => ({ role: "assistant", content });
  return [...parts.map((content) => ({ message: message(content), done: false })), { message: message(""), done: true, ...more }];
}

async function setUp(lines: object[], terminalOptions = {}) {
  const server = await startFakeServer({ "POST /api/chat": { lines } });
  const { terminal, written } = recordedTerminal(terminalOptions);
  const context = { client: createClient(server.host), terminal, now: () => new Date(), config: readConfig({}) };
  return { server, context, written, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test("the answer, then each place once", async () => {
  await using at = await setUp(answer("[1] It leaves at 21:40. [1]", { citations: [citation, citation], knowledge: trace }));
  await ask(at.context, "notes", "When?", { model: "mini", mode: "query", language: "en" });
  expect(at.server.asked[0]?.body).toEqual({
    model: "kb/notes",
    messages: [{ role: "user", content: "When?" }],
    knowledge: { footer: false, model: "mini", mode: "query", filters: { languages: ["en"] } },
  });
  expect(at.written.out).toBe("[1] It leaves at 21:40. [1]\n\n[1] guide.pdf, page 3 › Ferries\n    The ferry leaves at 21:40.\n");
  expect(at.written.err).toBe("");
});

test("a refusal is shown as one, with what came nearest", async () => {
  const misses = [{ ...place, start: 0, end: 9, text: "Fish market", score: 21.4 }];
  await using at = await setUp(
    answer("The documents do not say.", { citations: [], knowledge: { ...trace, refused: "score", best: 21.4, misses } }),
  );
  await ask(at.context, "notes", "Who?", {});
  expect(at.written.out).toBe(
    `The documents do not say.

Nothing in the documents comes near enough: the best score is 21, the threshold 50.
Nearest:

guide.pdf, page 3 › Ferries 21
    Fish market
`,
  );
});

test("sentences that no source says are marked, and notices told", async () => {
  const unsupported = [{ start: 0, end: 9, text: "It is blue." }];
  const knowledge = { ...trace, mode: "chat", unsupported, notices: ["the embedder is away"] };
  await using at = await setUp(answer("It is blue.", { citations: [], knowledge }));
  await ask(at.context, "notes", "Colour?", {});
  expect(at.written.out).toBe("It is blue.\n\nNo source says:\n    It is blue.\n");
  expect(at.written.err).toBe("Note: the embedder is away\n");
});

test("as JSON, all of it", async () => {
  await using at = await setUp(answer("[1] At 21:40.", { citations: [citation], knowledge: trace }));
  await ask(at.context, "notes", "When?", { json: true });
  expect(JSON.parse(at.written.out)).toEqual({ answer: "[1] At 21:40.", citations: [citation], knowledge: trace });
});

test("a server that knows nothing of documents, and one that breaks off", async () => {
  await using plain = await setUp(answer("Hello!", {}));
  await expect(ask(plain.context, "notes", "When?", {})).rejects.toThrow("knowledge bases need a Puna server");
  await using broken = await setUp(answer("Hello!", {}).slice(0, 1));
  await expect(ask(broken.context, "notes", "When?", { json: true })).rejects.toThrow("before it was complete");
  await expect(ask(broken.context, "notes", "When?", {})).rejects.toThrow("before it was complete");
});
