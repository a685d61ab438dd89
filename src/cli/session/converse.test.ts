import { expect, test } from "vitest";
import { startFakeServer } from "../../../test/support/fake-server.ts";
import { recordedTerminal } from "../../../test/support/recorded-terminal.ts";
import { readConfig } from "../../config.ts";
import { createClient } from "../client.ts";
import { openHistory } from "../terminal/history.ts";
import type { Read } from "../terminal/prompt.ts";
import type { ChatBody, CreateBody } from "../wire.ts";
import { converse } from "./converse.ts";
import { openSession } from "./open-session.ts";

/** Types the lines, one answer each, and tells what was said and asked. */
async function talk(lines: (string | Read)[], script: Parameters<typeof startFakeServer>[0] = {}, shown: object = {}) {
  await using server = await startFakeServer({
    "POST /api/show": ({ body }) => {
      const { model } = body as { model: string };
      return model === "gone"
        ? { status: 404, json: { error: "model 'gone' not found" } }
        : { json: { capabilities: ["completion"], ...shown } };
    },
    "POST /api/chat": {
      lines: [
        { message: { role: "assistant", content: "Hi" }, done: false },
        { message: { role: "assistant", content: "!" }, done: true, eval_count: 2 },
      ],
    },
    ...script,
  });
  const { terminal, written } = recordedTerminal();
  const context = { client: createClient(server.host), terminal, config: readConfig({}), now: () => new Date() };
  const session = await openSession("m", { wordWrap: false, hideThinking: false, verbose: false }, context);
  const prompts: string[] = [];
  const waiting = [...lines];
  const history = openHistory(undefined);
  await converse({
    ...context,
    session,
    history,
    interruptible: (work) => work(new AbortController().signal),
    reader: {
      async read({ prompt }) {
        prompts.push(prompt);
        const next = waiting.shift();
        if (next === undefined) return { type: "end" };
        return typeof next === "string" ? { type: "line", text: next, pasted: false } : next;
      },
    },
  });
  const chats = server.asked.filter(({ path }) => path === "/api/chat").map(({ body }) => body as ChatBody);
  return { ...written, prompts, chats, session, history, asked: server.asked };
}

test("question and answer, remembered", async () => {
  const { out, chats, history } = await talk(["hello", "and you?"]);
  expect(out).toBe("Hi!\n\nHi!\n\n");
  expect(chats[1]?.messages).toEqual([
    { role: "user", content: "hello" },
    { role: "assistant", content: "Hi!" },
    { role: "user", content: "and you?" },
  ]);
  expect(history.entries()).toEqual(["hello", "and you?"]);
});

test("empty lines ask nothing; Ctrl-C on one says how to leave", async () => {
  const { out, chats } = await talk(["", "  ", { type: "interrupt", text: "" }, { type: "interrupt", text: "half" }]);
  expect(chats).toEqual([]);
  expect(out).toBe("Use Ctrl + d or /bye to exit.\n");
});

test("three quotes gather lines", async () => {
  const { chats, prompts } = await talk(['"""first', "", 'last"""', "/bye"]);
  expect(chats[0]?.messages).toEqual([{ role: "user", content: "first\n\nlast" }]);
  expect(prompts).toEqual([">>> ", "... ", "... ", ">>> "]);
});

test("settings", async () => {
  const { out, chats, err } = await talk([
    "/set parameter temperature 0.5",
    '/set parameter stop "a" b',
    "/set parameter colour red",
    "/set parameter top_k much",
    "/set system Be brief.",
    "/set format json",
    "/set verbose",
    "/set think low",
    "/set wordwrap",
    "go",
    "/set noformat",
    "/set nothink",
    "/set quiet",
    '/set system """Be',
    'kind."""',
    "go",
  ]);
  expect(out).toBe(
    [
      "Set parameter 'temperature' to '0.5'",
      `Set parameter 'stop' to '"a", b'`,
      `Couldn't set parameter: "unknown parameter 'colour'"`,
      `Couldn't set parameter: "invalid int value [much]"`,
      "Set system message.",
      "Set format to 'json' mode.",
      "Set 'verbose' mode.",
      "Set 'think' mode to 'low'.",
      "Set 'wordwrap' mode.",
      "Hi!\n",
      "Disabled format.",
      "Set 'nothink' mode.",
      "Set 'quiet' mode.",
      "Set system message.",
      "Hi!\n\n",
    ].join("\n"),
  );
  expect(err).toBe("eval count:           2 token(s)\n");
  expect(chats[0]).toMatchObject({ options: { temperature: 0.5, stop: ["a", "b"] }, format: "json", think: "low" });
  expect(chats[0]?.messages[0]).toEqual({ role: "system", content: "Be brief." });
  expect(chats[1]).toMatchObject({ think: false });
  expect(chats[1]).not.toHaveProperty("format");
  expect(chats[1]?.messages.at(-2)).toEqual({ role: "system", content: "Be\nkind." });
});

test("clear keeps the system message", async () => {
  const { chats, out } = await talk(["/set system S", "one", "/clear", "two"]);
  expect(out).toContain("Cleared session context\n");
  expect(chats[1]?.messages).toEqual([
    { role: "system", content: "S" },
    { role: "user", content: "two" },
  ]);
});

test("show", async () => {
  const { out } = await talk(
    ["/show system", "/show license", "/show parameters", "/show what", "/show info"],
    {},
    { parameters: "top_k 1", details: { family: "f" } },
  );
  expect(out).toBe(
    [
      "No system message was specified for this model.",
      "No license was specified for this model.",
      "Model defined parameters:",
      "  top_k 1",
      "",
      "Unknown command '/show what'. Type /? for help",
      "  Model",
      "    architecture    f    ",
      "    parameters           ",
      "",
      "  Capabilities",
      "    completion    ",
      "",
      "  Parameters",
      "    top_k    1    ",
      "",
      "",
    ].join("\n"),
  );
});

test("save and load", async () => {
  const created: CreateBody[] = [];
  const { out, session } = await talk(["/set system S", "hi", "/save mine", "/load gone", "/load other"], {
    "POST /api/create": ({ body }) => {
      created.push(body as CreateBody);
      return { lines: [{ status: "success" }] };
    },
  });
  expect(created).toEqual([
    {
      model: "mine",
      from: "m",
      system: "S",
      messages: [
        { role: "user", content: "hi" },
        { role: "assistant", content: "Hi!" },
      ],
    },
  ]);
  expect(out).toContain("Created new model 'mine'\nLoading model 'gone'\nCouldn't find model 'gone'\nLoading model 'other'\n");
  expect(session).toMatchObject({ model: "other", messages: [] });
});

test("unknown commands, and paths that only look like one", async () => {
  const { out, chats } = await talk(["/nope", "/usr/bin is what?"]);
  expect(out).toBe("Unknown command '/nope'. Type /? for help\nHi!\n\n");
  expect(chats).toHaveLength(1);
});

test("an error ends the answer and not the conversation", async () => {
  let calls = 0;
  const { err, chats } = await talk(["one", "two"], {
    "POST /api/chat": () =>
      ++calls === 1
        ? { status: 500, json: { error: "runner died" } }
        : { lines: [{ message: { role: "assistant", content: "ok" }, done: true }] },
  });
  expect(err).toBe("Error: 500 Internal Server Error: runner died\n");
  expect(chats[1]?.messages).toEqual([{ role: "user", content: "two" }]);
});

test("the model's own messages are shown first and thinking is on where it can", async () => {
  const messages = [
    { role: "user", content: "who?" },
    { role: "assistant", content: "me" },
  ];
  const { out, chats } = await talk(["x"], {}, { messages, capabilities: ["completion", "thinking"] });
  expect(out).toBe(">>> who?\nme\n\nHi!\n\n");
  expect(chats[0]).toMatchObject({ think: true, messages: [{ role: "user", content: "x" }] });
});

test("Ctrl-C ends a command that waits for the server, and not the conversation", async () => {
  await using server = await startFakeServer({
    "POST /api/show": { json: { capabilities: ["completion"] } },
    "POST /api/create": { lines: [{ status: "working" }], endless: true },
  });
  const { terminal, written } = recordedTerminal();
  const context = { client: createClient(server.host), terminal, config: readConfig({}), now: () => new Date() };
  const session = await openSession("m", { wordWrap: false, hideThinking: false, verbose: false }, context);
  const lines = ["/save mine", "/set verbose"];
  await converse({
    ...context,
    session,
    history: openHistory(undefined),
    interruptible: async (work) => {
      const controller = new AbortController();
      const working = work(controller.signal);
      while (session.verbose === false && !server.asked.some(({ path }) => path === "/api/create"))
        await new Promise(setImmediate);
      controller.abort();
      return working;
    },
    reader: {
      async read() {
        const text = lines.shift();
        return text === undefined ? { type: "end" } : { type: "line", text, pasted: false };
      },
    },
  });
  expect(written).toEqual({ out: "Set 'verbose' mode.\n", err: "\n" });
});
