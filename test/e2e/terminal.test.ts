/** What a person at a terminal sees, and can do at any moment. The server is a scripted one. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { startFakeServer } from "../support/fake-server.ts";
import { hasTerminals, startTerminal, type TerminalOptions } from "../support/pseudo-terminal.ts";
import { main } from "../support/served-home.ts";

type Script = Parameters<typeof startFakeServer>[0];

const CTRL = { c: "\x03", d: "\x04", g: "\x07", j: "\n", p: "\x10", u: "\x15" };
const HINT = "Send a message (/? for help)";
const GREY = "\u001b[90m";
const HUNG = { lines: [], endless: true };

const say = (content: string, done = false) => ({ message: { role: "assistant", content }, done });
const script: Script = {
  "POST /api/show": { json: { capabilities: ["completion"] } },
  "POST /api/generate": { lines: [{ response: "", done: true }] },
  "POST /api/chat": {
    lines: [say("The quick brown fox jumps over "), say("the lazy dog. 敏捷的棕色狐狸跳过了懒狗。"), say("", true)],
  },
};

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(os.tmpdir(), "puna-terminal-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** The built command before a scripted server. `env` is added to what everybody has, NO_COLOR left out. */
async function puna(words: string[], answers: Script = {}, { env = {}, ...size }: Partial<TerminalOptions> = {}) {
  const server = await startFakeServer({ ...script, ...answers });
  const { NO_COLOR: _, ...inherited } = process.env;
  const { hostname, port } = server.host;
  const terminal = startTerminal([process.execPath, main, ...words], {
    ...size,
    env: { ...inherited, OLLAMA_HOST: `${hostname}:${port}`, PUNA_HOME: home, ...env },
  });
  return {
    ...terminal,
    chats: () => server.asked.filter(({ path }) => path === "/api/chat").map(({ body }) => body),
    /** Resolves when the server was asked for this. */
    async asked(what: string): Promise<void> {
      await expect.poll(() => server.asked.map((one) => one.path), { timeout: 60_000 }).toContain(what);
    },
    async [Symbol.asyncDispose]() {
      await terminal[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

describe.skipIf(!hasTerminals)("on a terminal (needs python3)", () => {
  test("a conversation in 20 columns breaks between words and leaves nothing behind", async () => {
    await using at = await puna(["run", "m"], {}, { columns: 20 });
    await at.waitFor(">>> ");
    expect(at.screen()).toEqual([">>> Send a message"]);
    at.type("what is 狐狸 and a dog?");
    at.type("\r");
    await at.waitFor("狗。");
    await at.waitFor(">>> ");
    at.type("/bye\r");
    expect(await at.ended).toBe(0);
    expect(at.screen()).toEqual([
      ">>> what is 狐狸 and",
      " a dog?",
      "The quick brown",
      "fox jumps over",
      "the lazy dog.",
      "敏捷的棕色狐狸",
      "跳过了懒狗。",
      "",
      ">>> /bye",
      "",
    ]);
  });

  test("Ctrl-C at the prompt, Ctrl-D at its beginning", async () => {
    await using at = await puna(["run", "m"]);
    await at.waitFor(HINT);
    at.type(CTRL.c);
    await at.waitFor("Use Ctrl + d or /bye to exit.");
    await at.waitFor(HINT);
    at.type("half a line");
    await at.waitFor("half a line");
    at.type(CTRL.c);
    await at.waitFor(HINT);
    at.type('"""open\r');
    await at.waitFor('Use """ to end the message');
    at.type(CTRL.c);
    await at.waitFor(HINT);
    at.type(CTRL.d);
    expect(await at.ended).toBe(0);
    expect(at.screen()).toEqual([">>>", "Use Ctrl + d or /bye to exit.", ">>> half a line", '>>> """open', "...", ">>>", ""]);
    expect(at.chats()).toEqual([]);
  });

  test("Ctrl-C during an answer ends it; the question stays", async () => {
    let calls = 0;
    const chat = () => (++calls === 1 ? { lines: [say("Once upon")], endless: true } : { lines: [say("Yes.", true)] });
    await using at = await puna(["run", "m"], { "POST /api/chat": chat });
    await at.waitFor(HINT);
    at.type("story\r");
    await at.waitFor("Once upon");
    at.type(CTRL.c);
    await at.waitFor(HINT);
    at.type("and?\r");
    await at.waitFor("Yes.");
    await at.waitFor(HINT);
    at.type(CTRL.d);
    expect(await at.ended).toBe(0);
    expect(at.chats().at(-1)).toMatchObject({ messages: [{ content: "story" }, { content: "and?" }] });
    expect(at.screen()).toEqual([">>> story", "Once upon^C", "", ">>> and?", "Yes.", "", ">>>", ""]);
  });

  test("Ctrl-C before the first word of an answer, and during a command", async () => {
    let shows = 0;
    const show = () => (++shows === 1 ? { json: { capabilities: ["completion"] } } : HUNG);
    await using at = await puna(["run", "m"], { "POST /api/chat": HUNG, "POST /api/show": show });
    await at.waitFor(HINT);
    at.type("well?\r");
    await at.asked("/api/chat");
    at.type(CTRL.c);
    await at.waitFor(HINT);
    at.type("/load other\r");
    await at.waitFor("Loading model 'other'");
    await expect.poll(() => shows, { timeout: 60_000 }).toBe(2);
    at.type(CTRL.c);
    await at.waitFor(HINT);
    at.type("/bye\r");
    expect(await at.ended).toBe(0);
  });

  test.each([
    ["the model is looked up", "/api/show", { "POST /api/show": HUNG }],
    ["the model loads", "/api/generate", { "POST /api/generate": HUNG }],
  ])("Ctrl-C while %s ends the command and leaves a cursor", async (_, asked, answers) => {
    await using at = await puna(["run", "m"], answers);
    await at.asked(asked);
    at.type(CTRL.c);
    expect(await at.ended).toBe(130);
    expect(at.raw().lastIndexOf("\u001b[?25l")).toBeLessThanOrEqual(at.raw().lastIndexOf("\u001b[?25h"));
  });

  test("Ctrl-C during a single answer, and during a pull", async () => {
    const generate = { "POST /api/generate": { lines: [{ response: "Once upon", done: false }], endless: true } };
    await using once = await puna(["run", "m", "story"], generate);
    await once.waitFor("Once upon");
    once.type(CTRL.c);
    expect(await once.ended).toBe(0);
    expect(once.screen()).toEqual(["Once upon^C"]);
    await using pull = await puna(["pull", "m"], {
      "POST /api/pull": { lines: [{ status: "pulling manifest" }], endless: true },
    });
    await pull.waitFor("pulling manifest");
    pull.type(CTRL.c);
    expect(await pull.ended).toBe(1);
    expect(pull.screen().slice(-2)).toEqual(["Error: request canceled", ""]);
  });

  test("a server that vanishes in mid-answer: the error has a line of its own, and the conversation goes on", async () => {
    const cut = { "POST /api/chat": { lines: [say("Once upon")], cut: true } };
    await using at = await puna(["run", "m"], cut);
    await at.waitFor(HINT);
    at.type("story\r");
    await at.waitFor("before its answer was complete");
    await at.waitFor(HINT);
    at.type("/bye\r");
    expect(await at.ended).toBe(0);
    expect(at.screen()).toEqual([
      ">>> story",
      "Once upon",
      expect.stringMatching(/^Error: the server at http:\/\/127\.0\.0\.1:\d+ closed the connection/),
      expect.stringContaining("complete"),
      ">>> /bye",
      "",
    ]);
    const gone = { "POST /api/generate": { lines: [{ response: "Once upon", done: false }], cut: true } };
    await using once = await puna(["run", "m", "story"], gone);
    expect(await once.ended).toBe(1);
    expect(once.screen().slice(0, 2)).toEqual(["Once upon", expect.stringMatching(/^Error: the server at /)]);
  });

  test("multi-line input, the editor, and history over two conversations", async () => {
    const editor = `${process.execPath} -e require("fs").appendFileSync(process.argv[1],"-edited")`;
    {
      await using at = await puna(["run", "m"], {}, { env: { OLLAMA_EDITOR: editor } });
      await at.waitFor(HINT);
      at.type(`one${CTRL.j}two\r`);
      await at.waitFor("狗。");
      await at.waitFor(HINT);
      at.type('"""three\rfour"""\r');
      await at.waitFor("狗。");
      await at.waitFor(HINT);
      at.type(`text${CTRL.g}`);
      await at.waitFor("text-edited");
      at.type("\r");
      await at.waitFor("狗。");
      await at.waitFor(HINT);
      at.type(CTRL.d);
      expect(await at.ended).toBe(0);
      expect(at.chats().at(-1)).toMatchObject({
        messages: [{ content: "one\ntwo" }, {}, { content: "three\nfour" }, {}, { content: "text-edited" }],
      });
    }
    expect(readFileSync(path.join(home, "history"), "utf8").split("\n")).toEqual([
      "one\\ntwo",
      '"""three',
      'four"""',
      "text-edited",
      "",
    ]);
    await using again = await puna(["run", "m"]);
    await again.waitFor(HINT);
    again.type(CTRL.p);
    await again.waitFor("text-edited");
    again.type("\u001b[A\u001b[A\u001b[A");
    await again.waitFor("... two");
    again.type(`${CTRL.u}three\r`);
    await again.waitFor("狗。");
    expect(again.chats()).toMatchObject([{ messages: [{ content: "one\nthree" }] }]);
  });

  test("colours, and none with NO_COLOR", async () => {
    const thinking = {
      "POST /api/show": { json: { capabilities: ["completion", "thinking"] } },
      "POST /api/generate": {
        lines: [
          { response: "", thinking: "hm", done: false },
          { response: "Yes.", done: true },
        ],
      },
    };
    await using grey = await puna(["run", "m", "x"], thinking);
    expect(await grey.ended).toBe(0);
    expect(grey.raw()).toContain(`${GREY}hm\u001b[0m`);
    await using plain = await puna(["run", "m", "x"], thinking, { env: { NO_COLOR: "1" } });
    expect(await plain.ended).toBe(0);
    expect(plain.raw()).not.toMatch(new RegExp(`${"\u001b"}\\[[0-9;]*m`));
    for (const one of [grey, plain]) {
      expect(one.screen()).toEqual(["Thinking...", "hm", "...done thinking.", "", "Yes.", "", ""]);
    }
  });

  test.each([20, 40, 80])("a pull in %i columns", async (columns) => {
    const digest = `sha256:${"ab".repeat(32)}`;
    const bar = { status: "pulling abababababab", digest, total: 1_700_000_000 };
    const pull = {
      lines: [
        { status: "pulling manifest" },
        { ...bar, completed: 1 },
        { ...bar, completed: bar.total },
        { status: "verifying sha256 digest" },
        { status: "success" },
      ],
    };
    await using at = await puna(["pull", "m"], { "POST /api/pull": pull }, { columns });
    expect(await at.ended).toBe(0);
    const bars: Record<number, string> = {
      20: "pulling abababababa",
      40: "pulling abababababab: 100% 1.7 GB",
      80: "pulling abababababab: 100% ▕██████████████████▏ 1.7 GB",
    };
    const verifying = "verifying sha256 digest".slice(0, columns - 1);
    expect(at.screen()).toEqual(["pulling manifest", bars[columns], verifying, "success", ""]);
  });
});
