/** Two flags in memory that the child's main thread and its worker share, so that a cancel reaches into a running decode. */

const ABORT = 0;
const LONG = 1;

/** Shared by both threads; each makes its own view of the same buffer. */
export class Control {
  readonly flags: Int32Array<SharedArrayBuffer>;

  constructor(buffer = new SharedArrayBuffer(8)) {
    this.flags = new Int32Array(buffer);
  }

  /** Where a decode looks for its abort flag. */
  static readonly abortIndex = ABORT;

  /** The worker is about to read its messages. An abort from now on reaches the step that follows them, even one that is not begun. */
  beginTurn(): void {
    Atomics.store(this.flags, ABORT, 0);
    Atomics.store(this.flags, LONG, 1);
  }

  /** The worker is about to decode. A step without a prompt is over sooner than it would be repeated: it is not aborted. */
  enterStep(long: boolean): void {
    Atomics.store(this.flags, LONG, long ? 1 : 0);
  }

  /** Stops the running decode if it may be a long one. */
  abortLong(): void {
    if (Atomics.load(this.flags, LONG) === 1) Atomics.store(this.flags, ABORT, 1);
  }

  /** Stops whatever runs, a load included. */
  abortAll(): void {
    Atomics.store(this.flags, ABORT, 1);
  }

  get aborted(): boolean {
    return Atomics.load(this.flags, ABORT) === 1;
  }
}
