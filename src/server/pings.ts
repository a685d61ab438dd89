/** Keeps a stream from falling silent while a long prompt is read. */

/** The items, and `ping` whenever none has come for so long. */
export async function* withPings<T>(items: AsyncIterable<T>, ping: T, everyMs: number): AsyncGenerator<T> {
  const iterator = items[Symbol.asyncIterator]();
  let pending: Promise<IteratorResult<T>> | undefined;
  try {
    for (;;) {
      pending ??= iterator.next();
      const result = await orSilence(pending, everyMs);
      if (result === undefined) {
        yield ping;
        continue;
      }
      pending = undefined;
      if (result.done) return;
      yield result.value;
    }
  } finally {
    // Whoever stops listening is told nothing more, also not that it failed.
    pending?.catch(() => {});
    await iterator.return?.();
  }
}

async function orSilence<T>(promise: Promise<T>, ms: number): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, ms, undefined);
  });
  try {
    return await Promise.race([promise, silence]);
  } finally {
    clearTimeout(timer);
  }
}
