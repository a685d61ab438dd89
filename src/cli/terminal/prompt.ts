/** Asks a person for a line, on a terminal in raw mode. Between questions the terminal is as it was, so that Ctrl-C is a signal. */
import { StringDecoder } from "node:string_decoder";
import type { ReadStream, WriteStream } from "node:tty";
import { clipped } from "./clip.ts";
import { editText } from "./edit-text.ts";
import type { History } from "./history.ts";
import { createKeyDecoder, type Key } from "./keys.ts";
import { layout } from "./layout.ts";
import { type EditorState, type Effect, press, startLine, withText } from "./line-editor.ts";
import { grey } from "./terminal.ts";

export type Read = { type: "line"; text: string; pasted: boolean } | { type: "interrupt"; text: string } | { type: "end" };

export interface Question {
  prompt: string;
  continuation: string;
  placeholder: string;
  /** Shown on an empty row after a line break. */
  continuationPlaceholder: string;
}

const ESC = "\u001b[";

export class Prompt {
  readonly #input: ReadStream;
  readonly #output: WriteStream;
  readonly #history: History;
  readonly #color: boolean;
  readonly #characters = new StringDecoder("utf8");
  readonly #keys = createKeyDecoder();
  /** Typed ahead: keys after the one that ended a line. */
  #waiting: Key[] = [];
  #cursorRow = 0;

  constructor({ input, output, history, color }: { input: ReadStream; output: WriteStream; history: History; color: boolean }) {
    this.#input = input;
    this.#output = output;
    this.#history = history;
    this.#color = color;
  }

  /** Resolves with the line, or with how the person left it. */
  async read(question: Question): Promise<Read> {
    let state = startLine(this.#history.entries());
    this.#open();
    try {
      this.#cursorRow = 0;
      for (;;) {
        for (let key = this.#waiting.shift(); key; key = this.#waiting.shift()) {
          const next = press(state, key);
          state = next.state;
          if (!next.effect) continue;
          const answer = await this.#apply(next.effect, question, state);
          if ("type" in answer) return answer;
          state = answer.state;
        }
        this.#draw(question, state);
        if (!(await this.#more())) return { type: "end" };
      }
    } finally {
      this.#close();
    }
  }

  async #apply(effect: Effect, question: Question, state: EditorState): Promise<Read | { state: EditorState }> {
    switch (effect.type) {
      case "submit":
        this.#leave(question, { ...state, cursor: state.text.length });
        return { type: "line", text: effect.text, pasted: state.pasted };
      case "interrupt":
        this.#leave(question, withText(state, effect.text));
        return { type: "interrupt", text: effect.text };
      case "end":
        this.#leave(question, state);
        return { type: "end" };
      case "clear-screen":
        this.#output.write(`${ESC}H${ESC}2J`);
        this.#cursorRow = 0;
        return { state };
      case "suspend":
        await this.#suspend();
        return { state };
      case "editor": {
        this.#close();
        const edited = await editText(state.text.join(""));
        this.#open();
        this.#cursorRow = 0;
        return { state: edited === undefined ? state : withText(state, edited) };
      }
    }
  }

  /** Waits for keys. False when the input has ended. */
  #more(): Promise<boolean> {
    const input = this.#input;
    return new Promise((resolve) => {
      const finish = (more: boolean) => {
        input.off("data", data);
        input.off("end", end);
        input.off("close", end);
        resolve(more);
      };
      const data = (bytes: Buffer) => {
        this.#waiting.push(...this.#keys.push(this.#characters.write(bytes)));
        finish(true);
      };
      const end = () => finish(false);
      input.on("data", data);
      input.on("end", end);
      input.on("close", end);
    });
  }

  #draw(question: Question, state: EditorState, { placeholder = true } = {}): void {
    const columns = this.#output.columns || 80;
    const maxRows = Math.max(2, (this.#output.rows || 24) - 1);
    const { prompt, continuation } = question;
    const { rows, cursorRow, cursorColumn } = layout({
      prompt,
      continuation,
      text: state.text,
      cursor: state.cursor,
      columns,
      maxRows,
    });
    // A hint that breaks would leave the cursor on the wrong row.
    const hint = placeholder ? this.#hint(question, state, columns - cursorColumn - 1) : "";
    const up = rows.length - 1 - cursorRow;
    this.#output.write(
      `${this.#top()}${ESC}J${rows.join("\r\n")}${hint}${up > 0 ? `${ESC}${up}A` : ""}\r${cursorColumn > 0 ? `${ESC}${cursorColumn}C` : ""}`,
    );
    this.#cursorRow = cursorRow;
  }

  #hint(question: Question, { text }: EditorState, columns: number): string {
    const hint = text.length === 0 ? question.placeholder : text.at(-1) === "\n" ? question.continuationPlaceholder : "";
    return hint && grey(clipped(hint, columns), { color: this.#color });
  }

  /** Draws without hints and puts the cursor below. */
  #leave(question: Question, state: EditorState): void {
    this.#draw(question, { ...state, cursor: state.text.length }, { placeholder: false });
    this.#output.write("\r\n");
    this.#cursorRow = 0;
  }

  #top(): string {
    return this.#cursorRow > 0 ? `${ESC}${this.#cursorRow}A\r` : "\r";
  }

  #suspend(): Promise<void> {
    // Windows has no such thing.
    if (process.platform === "win32") return Promise.resolve();
    this.#close();
    this.#output.write("\r\n");
    return new Promise((resolve) => {
      // A listener for a signal does not keep the process alive; a timer does.
      const alive = setInterval(() => {}, 60_000);
      process.once("SIGCONT", () => {
        clearInterval(alive);
        this.#open();
        this.#cursorRow = 0;
        resolve();
      });
      process.kill(process.pid, "SIGTSTP");
    });
  }

  #open(): void {
    this.#input.setRawMode(true);
    this.#input.resume();
    this.#output.write(`${ESC}?2004h`);
  }

  #close(): void {
    this.#output.write(`${ESC}?2004l`);
    this.#input.setRawMode(false);
    this.#input.pause();
  }
}
