/** Work that reports fractions as something to loop over. */

/** The fractions that a running piece of work reports, the latest only, until it ends. Rethrows its error. */
export async function* progressOf(work: (onProgress: (fraction: number) => void) => Promise<void>): AsyncGenerator<number> {
  let latest: number | undefined;
  let isDone = false;
  let wake = () => {};
  const done = work((fraction) => {
    latest = fraction;
    wake();
  }).finally(() => {
    isDone = true;
    wake();
  });
  done.catch(() => {});
  while (!isDone) {
    await new Promise<void>((resolve) => {
      wake = resolve;
      if (isDone || latest !== undefined) resolve();
    });
    if (latest !== undefined) {
      const fraction = latest;
      latest = undefined;
      yield fraction;
    }
  }
  await done;
}
