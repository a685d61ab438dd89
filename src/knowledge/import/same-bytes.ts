/**
 * Sources are read one after another, and what has the bytes of one that is still being worked on waits for it. So an import gives the
 * same whichever of its lanes is quicker, and wherever it was killed: the first of two equal files names the document.
 */
export class SameBytes {
  #reading: Promise<unknown> = Promise.resolve();
  readonly #working = new Map<string, Promise<void>>();

  /** Reads when those before have read, and works when those before with the same key have ended. Nothing read is nothing to do. */
  async after<T extends { key: string }>(read: () => Promise<T | undefined>, work: (found: T) => Promise<void>): Promise<void> {
    const reading = this.#reading.then(async () => {
      const found = await read();
      if (!found) return;
      const before = this.#working.get(found.key);
      const working = (async () => {
        await before?.catch(() => {});
        await work(found);
      })();
      this.#working.set(found.key, working);
      return { key: found.key, working };
    });
    this.#reading = reading.catch(() => {});
    const begun = await reading;
    if (!begun) return;
    const { key, working } = begun;
    try {
      await working;
    } finally {
      if (this.#working.get(key) === working) this.#working.delete(key);
    }
  }
}
