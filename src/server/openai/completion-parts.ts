/** A text completion, as a stream and in one piece. */
import type { PromptLogprob } from "../../engine/protocol.ts";
import { DONE, type ServerSentEvent } from "../sse.ts";
import { truncationFields } from "../truncation.ts";
import { finishReason, type Head } from "./chat-parts.ts";
import type { Choices } from "./choices.ts";
import { TextLogprobReader, type TextLogprobs } from "./completion-logprobs.ts";
import type { CompletionBody } from "./completion-wire.ts";
import { Echo } from "./echo.ts";
import { Usage } from "./usage.ts";

/** What one event adds to one choice. */
interface Piece {
  index: number;
  text: string;
  reasoning: string;
  logprobs: PromptLogprob[] | undefined;
  finish: string | null;
  /** For the top of the answer. */
  fields: object;
}

export interface Pieces {
  usage: Usage;
  count: number;
  all(): AsyncGenerator<Piece>;
  chunks(head: Head, usage: boolean): AsyncGenerator<ServerSentEvent>;
}

export function completionPieces(choices: Choices, body: Pick<CompletionBody, "prompt" | "n" | "echo">): Pieces {
  const usage = new Usage();
  const pieces = () => readPieces(choices, body, usage);
  return {
    usage,
    count: body.prompt.length * body.n,
    all: pieces,
    chunks: (head, wants) => chunks(pieces(), head, wants ? usage : undefined),
  };
}

async function* readPieces(
  choices: Choices,
  { prompt, n, echo }: Pick<CompletionBody, "prompt" | "n" | "echo">,
  usage: Usage,
): AsyncGenerator<Piece> {
  const echoes = new Map<number, Echo>();
  for await (const { index, opened, event } of choices.events()) {
    const own = echoes.get(index) ?? new Echo(prompt[Math.floor(index / n)] ?? "", opened);
    echoes.set(index, own);
    const echoed = echo ? await own.text() : "";
    if (event.type === "end") {
      usage.add(event, { again: index % n > 0 });
      const fields = { ...truncationFields(opened.truncation, event.finish), ...event.fields };
      yield { index, text: echoed, reasoning: "", logprobs: undefined, finish: finishReason(event), fields };
    } else {
      const { content, thinking, promptLogprobs } = event;
      const logprobs = promptLogprobs ? own.tokens(promptLogprobs) : event.logprobs;
      yield { index, text: echoed + content, reasoning: thinking, logprobs, finish: null, fields: {} };
    }
  }
}

async function* chunks(pieces: AsyncGenerator<Piece>, head: Head, usage: Usage | undefined): AsyncGenerator<ServerSentEvent> {
  const readers = new Map<number, TextLogprobReader>();
  for await (const { index, text, reasoning, logprobs, finish, fields } of pieces) {
    const reader = readers.get(index) ?? new TextLogprobReader();
    readers.set(index, reader);
    const choice = choiceObject({ index, text, reasoning, logprobs: logprobs && reader.read(logprobs), finish });
    yield { data: { ...top(head), choices: [choice], ...fields } };
  }
  if (usage) yield { data: { ...top(head), choices: [], usage: usage.completions() } };
  yield DONE;
}

/** Reads all answers to their end. Throws what answering throws. */
export async function completionObject({ all, count, usage }: Pieces, head: Head): Promise<object> {
  const answers = Array.from({ length: count }, (_, index) => ({
    index,
    text: "",
    reasoning: "",
    tokens: undefined as PromptLogprob[] | undefined,
    finish: null as string | null,
  }));
  let fields = {};
  for await (const piece of all()) {
    const answer = answers[piece.index];
    if (!answer) continue;
    answer.text += piece.text;
    answer.reasoning += piece.reasoning;
    answer.finish = piece.finish;
    if (piece.logprobs) {
      answer.tokens ??= [];
      answer.tokens.push(...piece.logprobs);
    }
    fields = { ...fields, ...piece.fields };
  }
  const choices = answers.map(({ tokens, ...answer }) =>
    choiceObject({ ...answer, logprobs: tokens && new TextLogprobReader().read(tokens) }),
  );
  return { ...top(head), choices, usage: usage.completions(), ...fields };
}

function choiceObject(choice: {
  index: number;
  text: string;
  reasoning: string;
  logprobs: TextLogprobs | undefined;
  finish: string | null;
}): object {
  const { index, text, reasoning, logprobs, finish } = choice;
  return { text, index, ...(reasoning !== "" && { reasoning }), logprobs: logprobs ?? null, finish_reason: finish };
}

function top({ id, created, model }: Head): object {
  return { id, object: "text_completion", created, model, system_fingerprint: "fp_ollama" };
}
