/** Ctrl-C as an AbortSignal, or as nothing at all. */

/** Runs `work`; SIGINT meanwhile fires its signal and does not end the process. */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const abort = () => controller.abort();
  process.on("SIGINT", abort);
  try {
    return await work(controller.signal);
  } finally {
    process.off("SIGINT", abort);
  }
}

/** Runs `work`; SIGINT meanwhile does nothing of itself, so that one that comes between two pieces of interruptible work ends nothing. */
export async function ignoringInterrupts<T>(work: () => Promise<T>): Promise<T> {
  const ignore = () => {};
  process.on("SIGINT", ignore);
  try {
    return await work();
  } finally {
    process.off("SIGINT", ignore);
  }
}
