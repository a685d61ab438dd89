/** One question and its streamed answer, on the terminal. */
import { Canceled, Failed } from "../../errors.ts";
import type { Context } from "../context.ts";
import { Progress } from "../terminal/progress.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { ChatChunk, Cuts, Metrics, WireMessage, WireToolCall } from "../wire.ts";
import { createAnswerWriter } from "./answer.ts";
import { cutNotice } from "./cut-notice.ts";
import { requestFields, type Session } from "./session.ts";
import { statistics } from "./statistics.ts";

const nothing: Omit<Piece, "content"> = { done: false };

type Asking = Pick<Context, "client" | "terminal"> & { signal: AbortSignal };

/** A chunk of either endpoint. */
export interface Piece extends Metrics, Cuts, Pick<ChatChunk, "citations" | "knowledge"> {
  done: boolean;
  thinking?: string | undefined;
  content: string;
  toolCalls?: WireToolCall[] | undefined;
}

/** Asks with the whole conversation. The answer, or undefined when the signal ended it. */
export async function askChat(session: Session, { client, terminal, signal }: Asking): Promise<WireMessage | undefined> {
  async function* pieces(): AsyncGenerator<Piece> {
    for await (const chunk of client.chat({ ...requestFields(session), messages: session.messages }, { signal })) {
      const { content = "", thinking, tool_calls: toolCalls } = chunk.message ?? {};
      yield { ...chunk, content, thinking, toolCalls };
    }
  }
  const { content, thinking, canceled, last } = await showAnswer(pieces(), session, { terminal, signal });
  terminal.out("\n\n");
  if (!canceled) sayAfter(last, session, terminal);
  return canceled ? undefined : { role: "assistant", content, ...(thinking && { thinking }) };
}

/** Asks once. False when the signal ended it; nothing is written after that. */
export async function askOnce(session: Session, prompt: string, { client, terminal, signal }: Asking): Promise<boolean> {
  async function* pieces(): AsyncGenerator<Piece> {
    for await (const chunk of client.generate({ ...requestFields(session), prompt }, { signal })) {
      yield { ...chunk, content: chunk.response ?? "" };
    }
  }
  const { canceled, last } = await showAnswer(pieces(), session, { terminal, signal });
  if (canceled) return false;
  if (prompt !== "") terminal.out("\n\n");
  sayAfter(last, session, terminal);
  return true;
}

function sayAfter(last: Metrics & Cuts, { verbose }: Session, terminal: Terminal): void {
  terminal.err(cutNotice(last) + (verbose ? statistics(last) : ""));
}

/** Writes an answer as it comes. `canceled` when the signal ended it; throws Failed when it broke off. */
export async function showAnswer(
  pieces: AsyncIterable<Piece>,
  session: Pick<Session, "wordWrap" | "hideThinking">,
  { terminal, signal }: Omit<Asking, "client">,
) {
  const writer = createAnswerWriter(terminal, session);
  const waiting = new Progress(terminal);
  if (terminal.errIsTty) waiting.spin("", "");
  const answer = { content: "", thinking: "", canceled: false, last: nothing };
  try {
    for await (const piece of pieces) {
      const shows = piece.content !== "" || (piece.thinking && !session.hideThinking) || piece.toolCalls;
      if (shows) waiting.clear();
      if (piece.thinking) {
        answer.thinking += piece.thinking;
        writer.thinking(piece.thinking);
      }
      answer.content += piece.content;
      writer.content(piece.content);
      writer.toolCalls(piece.toolCalls ?? []);
      answer.last = piece;
    }
    if (!answer.last.done) throw new Failed("the server ended the answer before it was complete");
  } catch (error) {
    answer.canceled = error instanceof Canceled || signal.aborted;
    if (!answer.canceled) {
      writer.breakLine();
      throw error;
    }
  } finally {
    waiting.clear();
    writer.end();
  }
  return answer;
}
