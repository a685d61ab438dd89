/** Waits for what cannot be ended itself. */
import { Canceled } from "./errors.ts";

/** The promise, or Canceled as soon as the signal fires; what the promise stands for goes on. */
export async function until<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let leave = () => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(new Canceled());
    if (signal.aborted) leave();
    else signal.addEventListener("abort", leave, { once: true });
  });
  try {
    return await Promise.race([promise, left]);
  } finally {
    signal.removeEventListener("abort", leave);
  }
}
