/** Several sources read as one. */

/**
 * Items as they come, from whichever source has one. The next item of a source is not asked for before the last was taken. At the
 * end, also when a source fails or the reader leaves, `stop` is called and every source ended.
 */
export async function* merge<T>(sources: AsyncGenerator<T>[], stop: () => void): AsyncGenerator<T> {
  const pending = new Map<AsyncGenerator<T>, Promise<{ source: AsyncGenerator<T>; result: IteratorResult<T> }>>();
  const ask = (source: AsyncGenerator<T>) => {
    pending.set(
      source,
      source.next().then((result) => ({ source, result })),
    );
  };
  try {
    for (const source of sources) ask(source);
    while (pending.size > 0) {
      const { source, result } = await Promise.race(pending.values());
      pending.delete(source);
      if (result.done) continue;
      yield result.value;
      ask(source);
    }
  } finally {
    stop();
    await Promise.allSettled(sources.map((source) => source.return(undefined)));
  }
}
