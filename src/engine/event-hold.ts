/**
 * Holds what steps brought for a moment. Every message wakes the server and the client on cores that the kernels want, with caches full of
 * weights: half a millisecond each time. At 100 tokens a second a reader sees no difference between one token and three at once.
 */
import type { SequenceEvent } from "./protocol.ts";

/** Nothing waits longer than this: 30 messages a second, as many as a screen shows in motion. */
const HOLD_MS = 33;
/** Under load, where every request has its own client to be woken: 16 a second, some three tokens each. */
const LOADED_MS = 60;
const LOAD = 4;

export class EventHold {
  #events: SequenceEvent[] = [];
  /** Requests whose first text is out. */
  readonly #begun = new Set<number>();
  #sentAt = Number.NEGATIVE_INFINITY;
  #isUrgent = false;

  add(events: readonly SequenceEvent[]): void {
    for (const event of events) {
      this.#events.push(event);
      if (event.finish) this.#begun.delete(event.id);
      else if (this.#begun.has(event.id)) continue;
      else this.#begun.add(event.id);
      // First texts and ends are what people wait for.
      this.#isUrgent = true;
    }
  }

  /**
   * What is to be sent now; often nothing. `nextMs` is how long the next step will take, in milliseconds: Infinity when it is not
   * known, or when there is none. Requests whose first text is out count as load until they end.
   */
  take(now: number, nextMs: number): SequenceEvent[] {
    if (this.#events.length === 0) return [];
    const holdMs = this.#begun.size >= LOAD ? LOADED_MS : HOLD_MS;
    if (!this.#isUrgent && now - this.#sentAt + nextMs <= holdMs) return [];
    const events = this.#events;
    this.#events = [];
    this.#isUrgent = false;
    this.#sentAt = now;
    return events;
  }
}
