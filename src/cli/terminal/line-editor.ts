/** The line that a person is typing: a state and what each key does to it. No input or output here. */
import type { Key, KeyName } from "./keys.ts";
import { characters } from "./width.ts";

export interface EditorState {
  /** What is on the line, one entry per character that a reader sees; line breaks are entries too. */
  text: readonly string[];
  /** Between 0 and `text.length`. */
  cursor: number;
  history: readonly string[];
  /** Which entry is shown; `history.length` is the line itself. */
  entry: number;
  /** The line, while an entry of the history is shown instead. */
  draft: readonly string[];
  pasted: boolean;
}

export type Effect =
  | { type: "submit"; text: string }
  /** Ctrl-C: `text` is what was on the line. */
  | { type: "interrupt"; text: string }
  | { type: "end" }
  | { type: "clear-screen" }
  | { type: "editor" }
  | { type: "suspend" };

export function startLine(history: readonly string[]): EditorState {
  return { text: [], cursor: 0, history, entry: history.length, draft: [], pasted: false };
}

/** The state with another text, the cursor at its end. */
export function withText(state: EditorState, text: string): EditorState {
  const parts = characters(text);
  return { ...state, text: parts, cursor: parts.length };
}

/** The state after a key, and what the key asks the terminal to do. */
export function press(state: EditorState, key: Key): { state: EditorState; effect?: Effect } {
  if (key.type === "text") return { state: insert(state, key.text) };
  if (key.type === "paste") return { state: { ...insert(state, key.text), pasted: true } };
  return act(state, key.name);
}

function act(state: EditorState, name: KeyName): { state: EditorState; effect?: Effect } {
  const { text, cursor } = state;
  switch (name) {
    case "enter":
      return { state, effect: { type: "submit", text: text.join("") } };
    case "interrupt":
      return { state: startLine(state.history), effect: { type: "interrupt", text: text.join("") } };
    case "end-of-input":
      return text.length === 0 ? { state, effect: { type: "end" } } : { state: cut(state, cursor, cursor + 1) };
    case "clear-screen":
    case "editor":
    case "suspend":
      return { state, effect: { type: name } };
    case "newline":
      return { state: insert(state, "\n") };
    case "tab":
      return { state: insert(state, "\t") };
    case "backspace":
      return { state: cut(state, cursor - 1, cursor) };
    case "delete":
      return { state: cut(state, cursor, cursor + 1) };
    case "delete-word":
      return { state: cut(state, wordLeft(state), cursor) };
    case "delete-word-forward":
      return { state: cut(state, cursor, wordRight(state)) };
    case "kill-to-end":
      return { state: cut(state, cursor, lineEnd(state)) };
    case "kill-to-start":
      return { state: cut(state, lineStart(state), cursor) };
    case "left":
      return { state: moved(state, cursor - 1) };
    case "right":
      return { state: moved(state, cursor + 1) };
    case "word-left":
      return { state: moved(state, wordLeft(state)) };
    case "word-right":
      return { state: moved(state, wordRight(state)) };
    case "home":
      return { state: moved(state, lineStart(state)) };
    case "end":
      return { state: moved(state, lineEnd(state)) };
    case "up":
      return { state: recalled(state, state.entry - 1) };
    case "down":
      return { state: recalled(state, state.entry + 1) };
  }
}

function insert(state: EditorState, added: string): EditorState {
  const { text, cursor } = state;
  // The character before may grow: an accent or an emoji's second half can arrive on its own.
  const from = Math.max(0, cursor - 1);
  const parts = characters(text.slice(from, cursor).join("") + added);
  return { ...state, text: [...text.slice(0, from), ...parts, ...text.slice(cursor)], cursor: from + parts.length };
}

function cut(state: EditorState, from: number, to: number): EditorState {
  const start = Math.max(0, from);
  const end = Math.min(state.text.length, to);
  return { ...state, text: [...state.text.slice(0, start), ...state.text.slice(end)], cursor: start };
}

function moved(state: EditorState, cursor: number): EditorState {
  return { ...state, cursor: Math.max(0, Math.min(state.text.length, cursor)) };
}

function recalled(state: EditorState, entry: number): EditorState {
  const { history } = state;
  if (entry < 0 || entry > history.length) return state;
  const draft = state.entry === history.length ? state.text : state.draft;
  const text = entry === history.length ? draft : characters(history[entry] ?? "");
  return { ...state, entry, draft, text, cursor: text.length };
}

function lineStart({ text, cursor }: EditorState): number {
  return text.lastIndexOf("\n", cursor - 1 < 0 ? -text.length - 1 : cursor - 1) + 1;
}

function lineEnd({ text, cursor }: EditorState): number {
  const end = text.indexOf("\n", cursor);
  return end < 0 ? text.length : end;
}

function wordLeft({ text, cursor }: EditorState): number {
  let at = cursor;
  while (at > 0 && isSpace(text[at - 1])) at -= 1;
  while (at > 0 && !isSpace(text[at - 1])) at -= 1;
  return at;
}

function wordRight({ text, cursor }: EditorState): number {
  let at = cursor;
  while (at < text.length && isSpace(text[at])) at += 1;
  while (at < text.length && !isSpace(text[at])) at += 1;
  return at;
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && /^\s+$/.test(character);
}
