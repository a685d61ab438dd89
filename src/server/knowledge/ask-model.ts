/** Models as evaluations use them: to answer from a base as any client is answered, and to make questions. */
import { z } from "zod";
import { Failed } from "../../errors.ts";
import type { Reply } from "../../knowledge/evaluate/check-answer.ts";
import { QUESTION_SCHEMA } from "../../knowledge/evaluate/from-model.ts";
import type { Base } from "../../knowledge/rows/bases.ts";
import { displayName } from "../../models/name.ts";
import { requireCapabilities, thinkOf } from "../capable.ts";
import { type Conversation, open } from "../converse.ts";
import type { Deps } from "../deps.ts";
import { withModelMessages } from "../model-messages.ts";
import { openModel, parseReference } from "../reference.ts";
import { type AskedModel, modelOfBase, nameOfBase } from "./asked.ts";

const QUESTION_TOKENS = 300;

/** Answers as `kb/NAME` gives them, without chance. Throws what `modelOfBase` throws. */
export async function answering(
  deps: Deps,
  base: Base,
  { model: wanted, threshold }: { model: string | undefined; threshold: number | undefined },
): Promise<{ model: { name: string; digest: string }; reply: (question: string, signal: AbortSignal) => Promise<Reply> }> {
  const text = nameOfBase(base);
  const model = await modelOfBase(deps, text, { model: wanted, threshold, whole: true, footer: false });
  if (!model) throw new Failed(`${text} is not there any more`);
  requireCapabilities(model, displayName(model.name), "chat", []);
  const think = thinkOf(model, text, undefined);
  return {
    model: { name: displayName(model.name), digest: model.digest },
    async reply(question, signal) {
      const { text: answer, fields } = await say(deps, { ...conversation(model, question, signal), think });
      return { text: answer, ...readFields(fields) };
    },
  };
}

/** Throws NotFound for a model that is not here, Invalid for one that cannot chat. */
export async function questionMaker(deps: Deps, name: string): Promise<(prompt: string, signal: AbortSignal) => Promise<string>> {
  const model = await openModel(deps.store, parseReference(name));
  requireCapabilities(model, name, "chat", []);
  const think = model.capabilities.includes("thinking") ? false : undefined;
  return async (prompt, signal) => {
    const asked = conversation(model, prompt, signal);
    const options = { ...asked.options, num_predict: QUESTION_TOKENS };
    return (await say(deps, { ...asked, think, format: QUESTION_SCHEMA, options })).text;
  };
}

function conversation(model: AskedModel, content: string, signal: AbortSignal): Conversation {
  return {
    model,
    input: { kind: "messages", messages: withModelMessages(model, [{ role: "user", content }]), tools: [] },
    think: undefined,
    format: undefined,
    options: { temperature: 0 },
    keepAliveMs: undefined,
    truncate: true,
    shift: undefined,
    topLogprobs: undefined,
    signal,
  };
}

async function say(deps: Deps, wanted: Conversation): Promise<{ text: string; fields: Record<string, unknown> }> {
  using opened = await open(deps, wanted);
  let text = "";
  let fields: Record<string, unknown> = {};
  for await (const event of opened.events()) {
    if (event.type === "part") text += event.content;
    else fields = event.fields ?? {};
  }
  return { text, fields };
}

const answered = z.object({
  citations: z.array(z.object({ document_id: z.int(), start: z.int(), end: z.int() })),
  knowledge: z.object({
    refused: z.string().optional(),
    unsupported: z.array(z.object({ text: z.string(), reason: z.string() })),
  }),
});

/** Sentences that could not be checked, since source and answer are in different writings, are not held against the answer. */
function readFields(fields: Record<string, unknown>): Omit<Reply, "text"> {
  const { citations, knowledge } = answered.parse(fields);
  return {
    citations: citations.map(({ document_id, start, end }) => ({ documentId: document_id, start, end })),
    refused: knowledge.refused !== undefined,
    unsupported: knowledge.unsupported.filter(({ reason }) => reason === "unsupported").map(({ text }) => text),
  };
}
