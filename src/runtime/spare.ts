/** One child started ahead of need, with the native libraries already mapped: the next load begins at once. */
import { Child, type ChildOptions } from "./child.ts";

/** A spare costs memory: after this long without a load it is let go. */
const IDLE_MS = 60_000;

/** Holds at most one idle child. */
export class Spare {
  #options: ChildOptions;
  #child: Child | undefined;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: ChildOptions) {
    this.#options = options;
  }

  /** Starts a spare unless there is one, and keeps it for another while. */
  prepare(): void {
    if (this.#closed) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#drop(), IDLE_MS).unref();
    if (this.#child?.alive) return;
    this.#child = new Child(this.#options);
    this.#child.unref();
  }

  /** The spare, or a new child when there is none. */
  take(): Child {
    const child = this.#child?.alive ? this.#child : new Child(this.#options);
    this.#child = undefined;
    child.ref();
    return child;
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#drop();
  }

  async #drop(): Promise<void> {
    const child = this.#child;
    this.#child = undefined;
    await child?.close();
  }
}
