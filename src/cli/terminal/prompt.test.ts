import { EventEmitter } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { ReadStream, WriteStream } from "node:tty";
import { expect, test } from "vitest";
import { editText } from "./edit-text.ts";
import { openHistory } from "./history.ts";
import { Prompt } from "./prompt.ts";

const question = { prompt: ">>> ", continuation: "... ", placeholder: "say something", continuationPlaceholder: "enter sends" };

/** A terminal whose keys the test presses; `raw` tells the mode it was left in. */
function keyboard(history = openHistory(undefined)) {
  const input = Object.assign(new EventEmitter(), {
    raw: false,
    setRawMode(mode: boolean) {
      input.raw = mode;
    },
    resume() {},
    pause() {},
  });
  const shown = { text: "" };
  const output = { columns: 40, rows: 10, write: (text: string) => (shown.text += text) };
  const prompt = new Prompt({
    input: input as unknown as ReadStream,
    output: output as unknown as WriteStream,
    history,
    color: false,
  });
  /** Each chunk comes in its own turn, as from a terminal. */
  const type = async (...chunks: (string | Buffer)[]) => {
    for (const chunk of chunks) {
      input.emit("data", Buffer.from(chunk));
      await new Promise(setImmediate);
    }
  };
  return { input, prompt, shown, type };
}

test("a line, with its bytes split inside a character", async () => {
  const { input, prompt, shown, type } = keyboard();
  const reading = prompt.read(question);
  expect(input.raw).toBe(true);
  expect(shown.text).toContain(">>> say something");
  const bytes = Buffer.from("你好");
  await type(bytes.subarray(0, 2), bytes.subarray(2), "!\x7f\r");
  expect(await reading).toEqual({ type: "line", text: "你好", pasted: false });
  expect(input.raw).toBe(false);
  expect(shown.text).toContain(">>> 你好\r\u001b[8C\r\n");
});

test("what is typed ahead answers the next question", async () => {
  const { prompt, type } = keyboard();
  const first = prompt.read(question);
  await type("one\rtwo\rthr");
  expect(await first).toMatchObject({ text: "one" });
  expect(await prompt.read(question)).toMatchObject({ text: "two" });
  const third = prompt.read(question);
  await type("ee\r");
  expect(await third).toMatchObject({ text: "three" });
});

test("paste, interrupt, end", async () => {
  const { input, prompt, type } = keyboard();
  let reading = prompt.read(question);
  await type("\u001b[200~a\rb\u001b[201~", "\r");
  expect(await reading).toEqual({ type: "line", text: "a\nb", pasted: true });
  reading = prompt.read(question);
  await type("half", "\x03");
  expect(await reading).toEqual({ type: "interrupt", text: "half" });
  reading = prompt.read(question);
  await type("\x04");
  expect(await reading).toEqual({ type: "end" });
  reading = prompt.read(question);
  input.emit("end");
  expect(await reading).toEqual({ type: "end" });
  expect(input.raw).toBe(false);
});

test("history lasts in its file, a hundred entries long, and damage does no harm", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "puna-history-"));
  const file = path.join(folder, "new", "history");
  const history = openHistory(file);
  for (let i = 0; i < 120; i += 1) history.add(`entry ${i}`);
  history.add("two\nlines \\ and more");
  history.add("two\nlines \\ and more");
  history.add("   ");
  expect(openHistory(file).entries()).toHaveLength(100);
  expect(openHistory(file).entries().slice(-2)).toEqual(["entry 119", "two\nlines \\ and more"]);
  expect(readFileSync(file, "utf8").split("\n")).toHaveLength(101);
  history.enabled = false;
  history.add("secret");
  expect(readFileSync(file, "utf8")).not.toContain("secret");
  writeFileSync(path.join(folder, "plain"), "");
  const broken = openHistory(path.join(folder, "plain", "history"));
  broken.add("kept for now");
  expect(broken.entries()).toEqual(["kept for now"]);
  rmSync(folder, { recursive: true });
});

test("the editor's words become the text; an editor that fails changes nothing", async () => {
  const script = `${process.execPath} -e require("fs").appendFileSync(process.argv[1],"!\\n")`;
  expect(await editText("draft", { OLLAMA_EDITOR: script })).toBe("draft!");
  expect(await editText("draft", { EDITOR: "no-such-editor-anywhere" })).toBeUndefined();
  expect(await editText("draft", { VISUAL: `${process.execPath} -e process.exit(3)` })).toBeUndefined();
});
