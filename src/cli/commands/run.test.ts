import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { startFakeServer } from "../../../test/support/fake-server.ts";
import { recordedTerminal } from "../../../test/support/recorded-terminal.ts";
import { readConfig } from "../../config.ts";
import { createClient } from "../client.ts";
import { type RunFlags, run } from "./run.ts";

const chunks = [
  { response: "", thinking: "hm", done: false },
  { response: "Hello", done: false },
  { response: "", done: true, eval_count: 1 },
];

/** Runs with a question and with what is piped in, if anything is. */
async function ask(
  words: string[],
  options: { flags?: RunFlags; piped?: string; shown?: object; script?: Parameters<typeof startFakeServer>[0] } = {},
) {
  await using server = await startFakeServer({
    "POST /api/show": { json: options.shown ?? { capabilities: ["completion"] } },
    "POST /api/generate": { lines: chunks },
    ...options.script,
  });
  const { terminal, written } = recordedTerminal({ inIsTty: options.piped === undefined });
  const context = { client: createClient(server.host), terminal, config: readConfig({}), now: () => new Date() };
  await run("m", words, options.flags ?? {}, {
    ...context,
    input: Readable.from(options.piped ? [Buffer.from(options.piped)] : []),
  });
  return { ...written, asked: server.asked.filter(({ path }) => path !== "/api/show").map(({ body }) => body) };
}

test("the answer goes to standard output, followed by two line ends", async () => {
  const { out, err, asked } = await ask(["hi", "there"], { flags: { hidethinking: true } });
  expect({ out, err }).toEqual({ out: "Hello\n\n", err: "" });
  expect(asked).toEqual([{ model: "m", prompt: "hi there" }]);
});

test("what is piped goes before the question", async () => {
  const { asked } = await ask(["What is this?"], { piped: "line\n" });
  expect(asked).toEqual([{ model: "m", prompt: "line\n What is this?" }]);
});

test("an empty question only loads the model", async () => {
  const { out, asked } = await ask([""], { script: { "POST /api/generate": { lines: [{ response: "", done: true }] } } });
  expect(out).toBe("");
  expect(asked).toEqual([{ model: "m", prompt: "" }]);
});

test("flags become fields of the request", async () => {
  const flags = { keepalive: "10m", format: '{"type":"object"}', think: "high", verbose: true };
  const { asked, err, out } = await ask(["x"], { flags });
  expect(asked).toEqual([{ model: "m", prompt: "x", keep_alive: "10m", format: { type: "object" }, think: "high" }]);
  expect(err).toBe("eval count:           1 token(s)\n");
  expect(out).toBe("Thinking...\nhm\n...done thinking.\n\nHello\n\n");
});

test("a model that can think does, unless told otherwise", async () => {
  const shown = { capabilities: ["completion", "thinking"] };
  expect((await ask(["x"], { shown })).asked).toMatchObject([{ think: true }]);
  expect((await ask(["x"], { shown, flags: { think: "false" } })).asked).toMatchObject([{ think: false }]);
});

test("bad flags are refused before anything is asked", async () => {
  await expect(ask(["x"], { flags: { keepalive: "10" } })).rejects.toThrow('time: missing unit in duration "10"');
  await expect(ask(["x"], { flags: { think: "hard" } })).rejects.toThrow("invalid value for --think");
  await expect(ask(["x"], { flags: { dimensions: "many" } })).rejects.toThrow("invalid value for --dimensions");
});

test("an embedding model prints its vector", async () => {
  const shown = { capabilities: ["embedding"] };
  const script = { "POST /api/embed": { json: { embeddings: [[0.5, -0.25]] } } };
  const { out, asked } = await ask(["text"], { shown, script, flags: { truncate: false, dimensions: "2" } });
  expect(out).toBe("[0.5,-0.25]\n");
  expect(asked).toEqual([{ model: "m", input: "text", truncate: false, dimensions: 2 }]);
  await expect(ask([], { shown, script })).rejects.toThrow(
    'embedding models require input text. Usage: puna run m "your text here"',
  );
});

test("an answer that was cut off is an error, a prompt that was cut a note", async () => {
  const half = { "POST /api/generate": { lines: [{ response: "Hel", done: false }] } };
  await expect(ask(["x"], { script: half })).rejects.toThrow("the server ended the answer before it was complete");
  const cut = { "POST /api/generate": { lines: [{ response: "ok", done: true, prompt_truncated: true }] } };
  expect((await ask(["x"], { script: cut })).err).toMatch(
    /^Note: the prompt is longer than the context: its beginning was left out/,
  );
});

test("a model that is not here is pulled first", async () => {
  let shows = 0;
  const script: Parameters<typeof startFakeServer>[0] = {
    "POST /api/show": () =>
      shows++ === 0 ? { status: 404, json: { error: "model 'm' not found" } } : { json: { capabilities: ["completion"] } },
    "POST /api/pull": { lines: [{ status: "pulling manifest" }, { status: "success" }] },
  };
  const { out, err, asked } = await ask(["x"], { script, flags: { insecure: true, hidethinking: true } });
  expect({ out, err }).toEqual({ out: "Hello\n\n", err: "pulling manifest\nsuccess\n" });
  expect(asked[0]).toEqual({ model: "m", insecure: true });
});

test("a model that is nowhere", async () => {
  const script = {
    "POST /api/show": { status: 404, json: { error: "model 'm' not found" } },
    "POST /api/pull": { lines: [{ status: "pulling manifest" }, { error: "pull model manifest: file does not exist" }] },
  };
  await expect(ask(["x"], { script })).rejects.toThrow("pull model manifest: file does not exist");
});

test("a picture model, and input that cannot be read", async () => {
  await expect(ask(["x"], { shown: { capabilities: ["image"] } })).rejects.toThrow(
    "image generation models are not currently supported",
  );
  const broken = Readable.from(
    (async function* () {
      yield Buffer.from("a");
      throw new Error("EISDIR: illegal operation on a directory, read");
    })(),
  );
  const { terminal } = recordedTerminal({ inIsTty: false });
  const client = createClient({ hostname: "127.0.0.1", port: 9, scheme: "http" });
  await expect(
    run("m", [], {}, { client, terminal, config: readConfig({}), now: () => new Date(), input: broken }),
  ).rejects.toThrow("cannot read standard input: EISDIR");
});
