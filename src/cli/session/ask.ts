/** One question and its streamed answer, on the terminal. */
import { Canceled } from "../../errors.ts";
import type { Context } from "../context.ts";
import { Progress } from "../terminal/progress.ts";
import type { Metrics, WireMessage, WireToolCall } from "../wire.ts";
import { createAnswerWriter } from "./answer.ts";
import { requestFields, type Session } from "./session.ts";
import { statistics } from "./statistics.ts";

const noMetrics: Metrics = {};

type Asking = Pick<Context, "client" | "terminal"> & { signal: AbortSignal };

/** A chunk of either endpoint. */
interface Piece extends Metrics {
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
  const { content, thinking, canceled, metrics } = await show(pieces(), session, { client, terminal, signal });
  terminal.out("\n\n");
  if (session.verbose && !canceled) terminal.err(statistics(metrics));
  return canceled ? undefined : { role: "assistant", content, ...(thinking && { thinking }) };
}

/** Asks once. False when the signal ended it; nothing is written after that. */
export async function askOnce(session: Session, prompt: string, { client, terminal, signal }: Asking): Promise<boolean> {
  async function* pieces(): AsyncGenerator<Piece> {
    for await (const chunk of client.generate({ ...requestFields(session), prompt }, { signal })) {
      yield { ...chunk, content: chunk.response ?? "" };
    }
  }
  const { canceled, metrics } = await show(pieces(), session, { client, terminal, signal });
  if (canceled) return false;
  if (prompt !== "") terminal.out("\n\n");
  if (session.verbose) terminal.err(statistics(metrics));
  return true;
}

async function show(pieces: AsyncIterable<Piece>, session: Session, { terminal, signal }: Asking) {
  const writer = createAnswerWriter(terminal, session);
  const waiting = new Progress(terminal);
  if (terminal.errIsTty) waiting.spin("", "");
  const answer = { content: "", thinking: "", canceled: false, metrics: noMetrics };
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
      answer.metrics = piece;
    }
  } catch (error) {
    if (!(error instanceof Canceled) && !signal.aborted) throw error;
    answer.canceled = true;
  } finally {
    waiting.clear();
    writer.end();
  }
  return answer;
}
