/** Writes a streamed answer: thinking in grey, wrapped on a terminal, plain when redirected. */

import { grey, type Terminal } from "../terminal/terminal.ts";
import { visible } from "../terminal/visible.ts";
import { createWrap } from "../terminal/wrap.ts";
import type { WireToolCall } from "../wire.ts";

const MARGIN_COLUMNS = 5;

export interface AnswerOptions {
  wordWrap: boolean;
  hideThinking: boolean;
}

/** Call `thinking`, `content` and `toolCalls` as pieces arrive; then `end`. */
export function createAnswerWriter(terminal: Terminal, { wordWrap, hideThinking }: AnswerOptions) {
  const wrap =
    wordWrap && terminal.canRedraw ? createWrap(terminal.columns() - MARGIN_COLUMNS) : { push: (text: string) => text };
  const shown = (text: string) => wrap.push(terminal.outIsTty ? visible(text) : text);
  let state: "before" | "thinking" | "answering" = "before";
  let endsLine = true;

  const closeThinking = () => {
    if (state === "thinking") {
      terminal.out(`${endsLine ? "" : wrap.push("\n")}${grey("...done thinking.", terminal, { bold: true })}\n\n`);
      endsLine = true;
    }
    state = "answering";
  };

  return {
    thinking(text: string): void {
      if (hideThinking || text === "") return;
      if (state !== "thinking") {
        // Leading blank lines would part the heading from the thoughts.
        text = text.trimStart();
        if (text === "") return;
        terminal.out(`${endsLine ? "" : "\n"}${grey("Thinking...", terminal, { bold: true })}\n`);
        state = "thinking";
      }
      terminal.out(grey(shown(text), terminal));
      endsLine = text.endsWith("\n");
    },
    content(text: string): void {
      if (text === "") return;
      if (state !== "answering") closeThinking();
      terminal.out(shown(text));
      endsLine = text.endsWith("\n");
    },
    toolCalls(calls: WireToolCall[]): void {
      if (calls.length === 0) return;
      closeThinking();
      const told = calls.map(({ function: { name, arguments: args } }) => {
        return `  Model called a non-existent function '${name}()' with arguments: ${JSON.stringify(args)}\n`;
      });
      terminal.out(`${endsLine ? "" : "\n"}${told.join("")}`);
      endsLine = true;
    },
    /** Ends the thinking of an answer that stopped there. */
    end(): void {
      if (state === "thinking") closeThinking();
    },
    /** On a terminal, what is said next begins a line of its own. */
    breakLine(): void {
      if (terminal.outIsTty && !endsLine) terminal.out("\n");
      endsLine = true;
    },
  };
}
