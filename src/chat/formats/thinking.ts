/** Splits what a model writes into thinking and answer. Rules: ollama-behaviour section 7.4. */
import type { OutputParser, Piece } from "../types.ts";
import { overlap } from "./overlap.ts";

export interface ThinkingFormat {
  open: string;
  close: string;
}

/** `startsInside`: the prompt already ended with the open tag. */
export function thinkingParser({ open, close }: ThinkingFormat, startsInside: boolean): OutputParser {
  let state: "start" | "thinking" | "answer" = startsInside ? "thinking" : "start";
  /** White space after a tag is dropped, until something else comes. */
  let eatSpace = startsInside;
  let held = "";

  function split(ended: boolean): Piece[] {
    const pieces: Piece[] = [];
    for (;;) {
      if (eatSpace) held = held.trimStart();
      if (held === "") return pieces;
      eatSpace = false;
      if (state === "start") {
        const text = held.trimStart();
        if (text.startsWith(open)) {
          held = text.slice(open.length);
          state = "thinking";
          eatSpace = true;
          continue;
        }
        if (!ended && open.startsWith(text)) return pieces;
        state = "answer";
      }
      if (state === "answer") {
        pieces.push({ type: "content", text: held });
        held = "";
        return pieces;
      }
      const end = held.indexOf(close);
      const text = held.slice(0, end >= 0 ? end : held.length - overlap(held, close));
      if (text !== "") pieces.push({ type: "thinking", text });
      held = held.slice(text.length);
      if (end < 0) return pieces;
      held = held.slice(close.length);
      state = "answer";
      eatSpace = true;
    }
  }

  return {
    push(text) {
      held += text;
      return split(false);
    },
    end() {
      const pieces = split(true);
      // What is left is half a tag, cut off by a limit.
      held = "";
      return pieces;
    },
  };
}
