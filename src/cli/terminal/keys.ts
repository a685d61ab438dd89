/** Bytes of a raw terminal, decoded to text, to a `string`, as keys. */

export type KeyName =
  | "enter"
  | "newline"
  | "tab"
  | "backspace"
  | "delete"
  | "delete-word"
  | "delete-word-forward"
  | "left"
  | "right"
  | "word-left"
  | "word-right"
  | "home"
  | "end"
  | "up"
  | "down"
  | "kill-to-end"
  | "kill-to-start"
  | "clear-screen"
  | "interrupt"
  | "end-of-input"
  | "editor"
  | "suspend";

export type Key = { type: "text"; text: string } | { type: "paste"; text: string } | { type: "key"; name: KeyName };

const CONTROLS: Record<string, KeyName> = {
  "\r": "enter",
  "\n": "newline",
  "\t": "tab",
  "\x01": "home",
  "\x02": "left",
  "\x03": "interrupt",
  "\x04": "end-of-input",
  "\x05": "end",
  "\x06": "right",
  "\x07": "editor",
  "\b": "backspace",
  "\x0b": "kill-to-end",
  "\x0c": "clear-screen",
  "\x0e": "down",
  "\x10": "up",
  "\x15": "kill-to-start",
  "\x17": "delete-word",
  "\x1a": "suspend",
  "\x7f": "backspace",
};

/** What follows ESC. Terminals disagree, so most keys have several. */
const ESCAPES: Record<string, KeyName> = {
  "[A": "up",
  OA: "up",
  "[B": "down",
  OB: "down",
  "[C": "right",
  OC: "right",
  "[D": "left",
  OD: "left",
  "[H": "home",
  OH: "home",
  "[1~": "home",
  "[7~": "home",
  "[F": "end",
  OF: "end",
  "[4~": "end",
  "[8~": "end",
  "[3~": "delete",
  "[1;5D": "word-left",
  "[1;3D": "word-left",
  "[1;5C": "word-right",
  "[1;3C": "word-right",
  b: "word-left",
  B: "word-left",
  f: "word-right",
  F: "word-right",
  d: "delete-word-forward",
  D: "delete-word-forward",
  "\x7f": "delete-word",
  "\b": "delete-word",
  // Alt-Enter and Shift-Enter (where a terminal tells it apart) break the line.
  "\r": "newline",
  "[13;2u": "newline",
  "[27;2;13~": "newline",
};

const PASTE_BEGIN = "[200~";
const PASTE_END = "\u001b[201~";
const SEQUENCE = /^(?:\[[0-9;:<=>?]*[ -/]*[@-~]|O[A-Za-z]|[^[O])/u;
const UNFINISHED = /^(?:\[[0-9;:<=>?]*[ -/]*|O)$/;

/** Remembers a paste or an escape sequence that a chunk did not finish. */
export function createKeyDecoder(): { push(chunk: string): Key[] } {
  let held = "";
  return {
    push(chunk) {
      let rest = held + chunk;
      held = "";
      const keys: Key[] = [];
      while (rest !== "") {
        const { key, length } = first(rest);
        if (length === 0) {
          held = rest;
          break;
        }
        rest = rest.slice(length);
        const last = keys.at(-1);
        if (key?.type === "text" && last?.type === "text") last.text += key.text;
        else if (key) keys.push(key);
      }
      return keys;
    },
  };
}

/** The first key of a non-empty text; length 0 when it is not all there, no key when it means nothing here. */
function first(text: string): { key?: Key; length: number } {
  if (text.startsWith("\u001b")) return escapeSequence(text);
  const control = CONTROLS[text.charAt(0)];
  if (control) return { key: { type: "key", name: control }, length: 1 };
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  const plain = /^[^\x00-\x1f\x7f]+/.exec(text)?.[0];
  return plain ? { key: { type: "text", text: plain }, length: plain.length } : { length: 1 };
}

function escapeSequence(text: string): { key?: Key; length: number } {
  const after = text.slice(1);
  // A lone ESC at the end of a chunk is the key itself: a sequence arrives in one piece.
  if (after === "") return { length: 1 };
  if (after.startsWith(PASTE_BEGIN)) {
    const end = text.indexOf(PASTE_END);
    if (end < 0) return { length: 0 };
    const pasted = text.slice(1 + PASTE_BEGIN.length, end).replace(/\r\n?/g, "\n");
    return { key: { type: "paste", text: pasted }, length: end + PASTE_END.length };
  }
  if (UNFINISHED.test(after)) return { length: 0 };
  const sequence = SEQUENCE.exec(after)?.[0];
  if (sequence === undefined) return { length: 1 };
  const name = ESCAPES[sequence];
  return { length: 1 + sequence.length, ...(name && { key: { type: "key", name } }) };
}
