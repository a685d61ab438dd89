/** Responses that are kept for a while, so that a client can go on from one without sending everything again. */
import type { Item } from "./wire.ts";

export interface StoredResponse {
  /** As it was sent. */
  response: { id: string; output: Item[] } & Record<string, unknown>;
  /** What was asked, without what was there before. */
  input: Item[];
  previousId: string | undefined;
}

const MOST = 1000;
const MOST_CHARACTERS = 64 * 1024 * 1024;

/** In memory: the least recently used go first, all go with the server. */
export class StoredResponses {
  readonly #kept = new Map<string, { stored: StoredResponse; size: number }>();
  readonly #mostCharacters: number;
  readonly #most: number;
  #size = 0;

  constructor({ most = MOST, mostCharacters = MOST_CHARACTERS } = {}) {
    this.#most = most;
    this.#mostCharacters = mostCharacters;
  }

  /** Nothing is kept of a response that alone would fill the place. */
  put(stored: StoredResponse): void {
    const size = JSON.stringify([stored.response, stored.input]).length;
    if (size > this.#mostCharacters / 4) return;
    this.delete(stored.response.id);
    this.#kept.set(stored.response.id, { stored, size });
    this.#size += size;
    for (const id of this.#kept.keys()) {
      if (this.#kept.size <= this.#most && this.#size <= this.#mostCharacters) break;
      this.delete(id);
    }
  }

  get(id: string): StoredResponse | undefined {
    const found = this.#kept.get(id);
    if (!found) return undefined;
    this.#kept.delete(id);
    this.#kept.set(id, found);
    return found.stored;
  }

  /** False when there was none. */
  delete(id: string): boolean {
    const found = this.#kept.get(id);
    if (!found) return false;
    this.#size -= found.size;
    return this.#kept.delete(id);
  }

  /** All items up to and with those of a response, oldest first; undefined when any response on the way is gone. */
  conversation(id: string): Item[] | undefined {
    const turns: Item[][] = [];
    for (let next: string | undefined = id; next !== undefined; ) {
      const found = this.get(next);
      if (!found) return undefined;
      turns.unshift([...found.input, ...found.response.output]);
      next = found.previousId;
    }
    return turns.flat();
  }

  /** An item that some response holds, by its own id. */
  item(id: string): Item | undefined {
    for (const { stored } of this.#kept.values()) {
      const found = [...stored.response.output, ...stored.input].find((item) => item.id === id);
      if (found) return found;
    }
    return undefined;
  }
}
