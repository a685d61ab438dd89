/** A conversation about documents: search, plan and verify around the one path that every conversation takes. */
import type { Message } from "../../chat/types.ts";
import { Invalid } from "../../errors.ts";
import { type Ability, abilityOf } from "../../knowledge/ability.ts";
import { type Answer, answerFrom } from "../../knowledge/answer.ts";
import type { Turn } from "../../knowledge/prompt.ts";
import { search } from "../../knowledge/search.ts";
import { displayName } from "../../models/name.ts";
import type { Model } from "../../models/types.ts";
import type { AnswerEvent } from "../answer.ts";
import type { Conversation, Opened } from "../converse.ts";
import type { Deps } from "../deps.ts";
import type { AskedBase } from "./asked.ts";
import { libraryOf } from "./library.ts";
import { openRefusal } from "./refusal.ts";
import { knowledgeFields } from "./wire.ts";

type Open = (deps: Deps, conversation: Conversation) => Promise<Opened>;

const REWRITE_TOKENS = 80;
/** A quotation of two or three sentences; the bundled model does not always stop by itself. */
const QUOTE_TOKENS = 200;
const QUERY_TEMPERATURE = 0.2;

/** `openPlain` is the path without documents. */
export async function openFromDocuments(
  deps: Deps,
  conversation: Conversation,
  asked: AskedBase,
  openPlain: Open,
): Promise<Opened> {
  const { model, input } = conversation;
  const { knowledge } = deps;
  if (input.kind !== "messages")
    throw new Invalid("a knowledge base answers messages: it cannot continue a raw prompt or fill in the middle");
  const ability = abilityFor(model, asked);
  const { system, turns } = split(input.messages);
  const asIs = conversation.format !== undefined && conversation.format !== null && conversation.format !== "";
  const answer = await answerFrom(
    { ...asked, ability, system, turns, refusal: asked.base.settings.refusal, asIs },
    {
      search: async (query, limit) => await search(knowledge, asked.base.id, { query, limit, filters: asked.filters }),
      library: libraryOf(knowledge, asked),
      complete: async (messages) => await complete(deps, conversation, messages, openPlain),
    },
  );
  const fields = () => knowledgeFields(answer.report(), asked, displayName(model.name));
  if (answer.refusal !== undefined) return openRefusal(deps, conversation, answer.refusal, fields);
  const opened = await openPlain(deps, {
    ...conversation,
    ...waysOf(conversation, ability, asked),
    input: { kind: "planned", messages: async (bench) => (await answer.messages(bench)).map(toMessage) },
  });
  return { ...opened, events: () => verified(opened.events(), answer, fields), [Symbol.dispose]: () => opened[Symbol.dispose]() };
}

/** What the model says, as far as it is verified; the end carries what was found. */
async function* verified(
  events: AsyncGenerator<AnswerEvent>,
  answer: Answer,
  fields: () => Record<string, unknown>,
): AsyncGenerator<AnswerEvent> {
  for await (const event of events) {
    if (event.type === "part") {
      const content = answer.push(event.content);
      const { thinking, logprobs } = event;
      // Tool calls of such an answer would be a document's.
      if (content !== "" || thinking !== "" || logprobs?.length) yield { ...event, content, toolCalls: [] };
      continue;
    }
    const content = answer.end();
    if (content !== "") yield { type: "part", content, thinking: "", toolCalls: [] };
    yield { ...event, fields: fields() };
  }
}

/** Options of the kind of answer that is wanted, below those of the request; but a quotation has one wording and an end. */
function waysOf(
  { options, think }: Conversation,
  { style }: Ability,
  { mode }: AskedBase,
): Pick<Conversation, "options" | "think"> {
  const asked = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  if (style === "quotes") {
    const most = Number(asked.num_predict ?? QUOTE_TOKENS);
    const tokens = most > 0 ? Math.min(most, QUOTE_TOKENS) : QUOTE_TOKENS;
    return { options: { ...asked, temperature: 0, num_predict: tokens }, think: think === undefined ? think : false };
  }
  return { options: mode === "query" ? { temperature: QUERY_TEMPERATURE, ...asked } : asked, think };
}

async function complete(deps: Deps, conversation: Conversation, messages: readonly Turn[], openPlain: Open): Promise<string> {
  const { model, think, keepAliveMs, signal, options } = conversation;
  using opened = await openPlain(deps, {
    model,
    input: { kind: "messages", messages: messages.map(toMessage), tools: [] },
    think: think === undefined ? undefined : false,
    format: undefined,
    // The same context as the answer will have: another would load the model anew.
    options: { ...(options.num_ctx !== undefined && { num_ctx: options.num_ctx }), temperature: 0, num_predict: REWRITE_TOKENS },
    // Zero would unload the model before it answers.
    keepAliveMs: keepAliveMs === 0 ? undefined : keepAliveMs,
    truncate: true,
    shift: undefined,
    topLogprobs: undefined,
    signal,
  });
  let text = "";
  for await (const event of opened.events()) if (event.type === "part") text += event.content;
  return text;
}

function abilityFor({ header }: Model, { limit }: AskedBase): Ability {
  const name = header?.metadata.get("general.name");
  const ability = abilityOf({ name: typeof name === "string" ? name : undefined, parameters: header?.parameters });
  return limit === undefined ? ability : { ...ability, passages: limit };
}

/** Tool messages of an earlier conversation with another model are left out. */
function split(messages: readonly Message[]): { system: string; turns: Turn[] } {
  const system = messages.filter(({ role }) => role === "system").map(({ content }) => content);
  const turns = messages.flatMap(({ role, content }): Turn[] =>
    (role === "user" || role === "assistant") && content.trim() !== "" ? [{ role, content }] : [],
  );
  if (turns.at(-1)?.role !== "user")
    throw new Invalid("a knowledge base answers a question: the last message must be the user's");
  return { system: system.join("\n\n"), turns };
}

function toMessage({ role, content }: Turn): Message {
  return { role, content };
}
