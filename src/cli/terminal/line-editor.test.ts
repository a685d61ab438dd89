import fc from "fast-check";
import { expect, test } from "vitest";
import type { Key, KeyName } from "./keys.ts";
import { type EditorState, press, startLine } from "./line-editor.ts";

/** Words are typed; names in angle brackets are keys. */
function type(script: (string | { key: KeyName } | { paste: string })[], history: string[] = []) {
  let state: EditorState = startLine(history);
  const effects: unknown[] = [];
  for (const item of script) {
    const key: Key =
      typeof item === "string"
        ? { type: "text", text: item }
        : "key" in item
          ? { type: "key", name: item.key }
          : { type: "paste", text: item.paste };
    const next = press(state, key);
    state = next.state;
    if (next.effect) effects.push(next.effect);
  }
  return { text: state.text.join(""), cursor: state.cursor, effects };
}
const key = (name: KeyName) => ({ key: name });

test("typing in the middle", () => {
  expect(type(["helo", key("left"), "l"])).toMatchObject({ text: "hello", cursor: 4 });
});

test("Chinese is edited by character", () => {
  expect(type(["你好吗", key("left"), key("backspace")])).toMatchObject({ text: "你吗", cursor: 1 });
});

test("an accent typed on its own joins its letter", () => {
  expect(type(["e", "\u0301", key("backspace")])).toMatchObject({ text: "", cursor: 0 });
});

test("words", () => {
  expect(type(["one two  three", key("delete-word")]).text).toBe("one two  ");
  expect(type(["one two", key("word-left"), key("word-left"), key("delete-word-forward")]).text).toBe(" two");
  expect(type(["one two", key("home"), key("word-right"), "!"]).text).toBe("one! two");
});

test("lines within the text have their own beginnings and ends", () => {
  const script = ["first", key("newline"), "second", key("left")];
  expect(type([...script, key("home"), ">"]).text).toBe("first\n>second");
  expect(type([...script, key("kill-to-end")]).text).toBe("first\nsecon");
  expect(type([...script, key("kill-to-start")]).text).toBe("first\nd");
  expect(type(["\n", key("left"), key("end"), "a"]).text).toBe("a\n");
});

test("enter submits all of it, also what was pasted", () => {
  expect(type([{ paste: "a\nb" }, "!", key("enter")]).effects).toEqual([{ type: "submit", text: "a\nb!" }]);
});

test("Ctrl-C clears and tells what was there; Ctrl-D ends only an empty line", () => {
  expect(type(["abc", key("interrupt")])).toEqual({ text: "", cursor: 0, effects: [{ type: "interrupt", text: "abc" }] });
  expect(type([key("end-of-input")]).effects).toEqual([{ type: "end" }]);
  expect(type(["abc", key("home"), key("end-of-input")])).toEqual({ text: "bc", cursor: 0, effects: [] });
});

test("history goes back and forth and keeps the line that was begun", () => {
  const history = ["first", "second"];
  expect(type(["dra", key("up")], history).text).toBe("second");
  expect(type(["dra", key("up"), key("up"), key("up")], history).text).toBe("first");
  expect(type(["dra", key("up"), key("up"), key("down"), key("down"), "ft"], history).text).toBe("draft");
  expect(type([key("down")], history).text).toBe("");
});

test("whatever the keys, the cursor stays within the text", () => {
  const names: KeyName[] = ["backspace", "delete", "left", "right", "home", "end", "up", "down", "word-left", "word-right"];
  const more: KeyName[] = ["delete-word", "delete-word-forward", "kill-to-end", "kill-to-start", "newline", "tab", "interrupt"];
  const item = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom(...names, ...more).map(key));
  fc.assert(
    fc.property(fc.array(item), (script) => {
      const { text, cursor } = type(script, ["one", "two\nlines"]);
      expect(cursor).toBeGreaterThanOrEqual(0);
      expect(cursor).toBeLessThanOrEqual(text.length);
    }),
  );
});
