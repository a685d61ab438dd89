/** Several answers at once: `n` choices, or a list of prompts. */
import type { AnswerEvent } from "../answer.ts";
import { type Conversation, type Opened, open } from "../converse.ts";
import type { Deps } from "../deps.ts";
import { merge } from "../merge.ts";

interface ChoiceEvent {
  /** Which of the conversations. */
  index: number;
  opened: Opened;
  event: AnswerEvent;
}

export interface Choices {
  /** Known before the first token. */
  first: Opened;
  /** To be read once; reading is what starts the answers, and what lets the model go at the end. */
  events(): AsyncGenerator<ChoiceEvent>;
}

/**
 * The first is opened here, so that what is wrong with the request rejects. The others never wait for each other before they answer:
 * a hold on a model while waiting for another hold could wait for ever.
 */
export async function openChoices(deps: Deps, conversations: [Conversation, ...Conversation[]]): Promise<Choices> {
  const stop = new AbortController();
  const [one, ...others] = conversations.map((conversation) => ({
    ...conversation,
    signal: AbortSignal.any([conversation.signal, stop.signal]),
  })) as [Conversation, ...Conversation[]];
  const first = await open(deps, one);
  return {
    first,
    events: () =>
      merge([answered(0, first), ...others.map((other, at) => answered(at + 1, open(deps, other)))], () => stop.abort()),
  };
}

async function* answered(index: number, opening: Opened | Promise<Opened>): AsyncGenerator<ChoiceEvent> {
  using opened = await opening;
  for await (const event of opened.events()) yield { index, opened, event };
}
