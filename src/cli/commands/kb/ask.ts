/** `puna kb ask BASE QUESTION`: an answer from documents, and where each of its sentences comes from. */
import { Failed } from "../../../errors.ts";
import type { Context } from "../../context.ts";
import { interruptible } from "../../interruptible.ts";
import { type FilterFlags, filtersOf } from "../../knowledge/filters.ts";
import { sources } from "../../knowledge/sources.ts";
import { type Piece, showAnswer } from "../../session/ask.ts";
import { cutNotice } from "../../session/cut-notice.ts";
import type { ChatBody, ChatChunk } from "../../wire.ts";

export interface AskFlags extends FilterFlags {
  model?: string;
  mode?: "chat" | "query";
  json?: boolean;
}

export async function ask(context: Context, base: string, question: string, flags: AskFlags): Promise<void> {
  const { model, mode, json } = flags;
  const filters = await filtersOf(flags, { client: context.client, base, now: context.now() });
  const knowledge = {
    footer: false,
    ...(model !== undefined && { model }),
    ...(mode !== undefined && { mode }),
    ...(filters && { filters }),
  };
  const body: ChatBody = { model: `kb/${base}`, messages: [{ role: "user", content: question }], knowledge };
  await interruptible((signal) => (json ? askWhole(context, body, signal) : askAloud(context, body, signal)));
}

/** Streams the answer; the sources follow. */
async function askAloud({ client, terminal }: Context, body: ChatBody, signal: AbortSignal): Promise<void> {
  async function* pieces(): AsyncGenerator<Piece> {
    for await (const chunk of client.chat(body, { signal })) {
      const { content = "", thinking } = chunk.message ?? {};
      yield { ...chunk, content, thinking };
    }
  }
  const answer = await showAnswer(pieces(), { wordWrap: terminal.outIsTty, hideThinking: false }, { terminal, signal });
  terminal.out("\n");
  if (answer.canceled) return;
  const { knowledge: trace, citations = [] } = answer.last;
  if (!trace) throw notPuna();
  terminal.out(sources({ trace, citations }, terminal));
  terminal.err(cutNotice(answer.last) + trace.notices.map((notice) => `Note: ${notice}\n`).join(""));
}

async function askWhole({ client, terminal }: Context, body: ChatBody, signal: AbortSignal): Promise<void> {
  let answer = "";
  let last: ChatChunk | undefined;
  for await (const chunk of client.chat({ ...body, think: false }, { signal })) {
    answer += chunk.message?.content ?? "";
    last = chunk;
  }
  if (!last?.done) throw new Failed("the server ended the answer before it was complete");
  if (!last.knowledge) throw notPuna();
  terminal.out(`${JSON.stringify({ answer, citations: last.citations ?? [], knowledge: last.knowledge })}\n`);
}

function notPuna(): Failed {
  return new Failed("the server answered without documents: knowledge bases need a Puna server (check OLLAMA_HOST)");
}
