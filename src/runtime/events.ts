/** Holds a sequence's events until they are asked for, and never more of them than are worth keeping apart. */
import type { SequenceEvent } from "../engine/protocol.ts";

/** From here on a slow reader gets its events merged: fewer, larger pieces of the same text. */
const KEPT_APART = 256;

/** An async iterable that is fed from outside. It ends after the event that carries `finish`. */
export class EventQueue implements AsyncIterable<SequenceEvent> {
  #events: SequenceEvent[] = [];
  #wake: (() => void) | undefined;
  #error: Error | undefined;

  push(event: SequenceEvent): void {
    const last = this.#events.at(-1);
    if (last && this.#events.length >= KEPT_APART) this.#events[this.#events.length - 1] = merge(last, event);
    else this.#events.push(event);
    this.#wake?.();
  }

  fail(error: Error): void {
    this.#error ??= error;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<SequenceEvent, void, undefined> {
    for (;;) {
      const event = this.#events.shift();
      if (event) {
        yield event;
        if (event.finish) return;
      } else if (this.#error) {
        throw this.#error;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    }
  }
}

function merge(a: SequenceEvent, b: SequenceEvent): SequenceEvent {
  const logprobs = a.logprobs || b.logprobs ? [...(a.logprobs ?? []), ...(b.logprobs ?? [])] : undefined;
  return { ...b, text: a.text + b.text, ...(logprobs && { logprobs }) };
}
