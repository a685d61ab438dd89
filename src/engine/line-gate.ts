/**
 * Both threads of a child write lines to one pipe. The worker writes its own, since waking the main thread for every token costs a
 * third of a millisecond of CPU on a core that the kernels want; the gate keeps lines whole and in order.
 */

import { writeSync } from "node:fs";
import { codeOf } from "../errors.ts";

/** The pipe to the parent, in both threads. */
export const PARENT_FD = 3;

const LOCK = 0;
/** Lines that the main thread has yet to write, its own and those handed over by the worker. */
const IN_FLIGHT = 1;
const SLEEP = 2;
const FULL_PIPE_MS = 1;

/** Shared by both threads; each makes its own from the same buffer. */
export class LineGate {
  readonly flags: Int32Array<SharedArrayBuffer>;

  constructor(buffer = new SharedArrayBuffer(12)) {
    this.flags = new Int32Array(buffer);
  }

  /**
   * For the worker: writes at once, or hands the line over while the main thread has lines of its own on the way.
   * A full pipe holds the worker up until the parent reads on. Throws when the parent is gone.
   */
  write(line: string, handOver: (line: string) => void): void {
    this.#lock();
    try {
      if (process.platform !== "win32" && Atomics.load(this.flags, IN_FLIGHT) === 0) {
        this.#writeAll(Buffer.from(line));
        return;
      }
    } finally {
      this.#unlock();
    }
    this.pass(line, handOver);
  }

  /** For the worker: hands a line over that must not overtake what the main thread has been told before. */
  pass(line: string, handOver: (line: string) => void): void {
    Atomics.add(this.flags, IN_FLIGHT, 1);
    handOver(line);
  }

  /** For the main thread: before it writes a line of its own. From then on the worker hands its lines over. */
  enter(): void {
    Atomics.add(this.flags, IN_FLIGHT, 1);
    // A line that the worker has begun is finished first.
    this.#lock();
    this.#unlock();
  }

  /** For the main thread: a line has left, its own or one handed over. */
  leave(): void {
    Atomics.sub(this.flags, IN_FLIGHT, 1);
  }

  #lock(): void {
    while (Atomics.compareExchange(this.flags, LOCK, 0, 1) !== 0) Atomics.wait(this.flags, LOCK, 1);
  }

  #unlock(): void {
    Atomics.store(this.flags, LOCK, 0);
    Atomics.notify(this.flags, LOCK, 1);
  }

  #writeAll(bytes: Uint8Array): void {
    let written = 0;
    while (written < bytes.length) {
      try {
        written += writeSync(PARENT_FD, bytes, written);
      } catch (error) {
        if (codeOf(error) !== "EAGAIN") throw error;
        Atomics.wait(this.flags, SLEEP, 0, FULL_PIPE_MS);
      }
    }
  }
}
