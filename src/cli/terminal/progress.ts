/** Long work on stderr: spinners and bars on a terminal, one plain line per status elsewhere. */
import type { ProgressLine } from "../wire.ts";
import { advanceBar, type Bar, renderBar, startBar } from "./bar.ts";
import { clippedInside } from "./clip.ts";
import type { Terminal } from "./terminal.ts";

const FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
const FRAME_MS = 100;
const ESC = "\u001b[";
// A synchronised update keeps half-drawn frames off the screen; the cursor hides meanwhile.
const BEGIN = `${ESC}?2026h${ESC}?25l`;
const END = `${ESC}?25h${ESC}?2026l`;

type Row = { type: "spinner"; message: string; spinning: boolean } | { type: "bar"; bar: Bar };

/** Draws until `stop`. Give it every line of a streamed answer. */
export class Progress {
  readonly #terminal: Pick<Terminal, "err" | "errIsTty" | "columns">;
  readonly #rows = new Map<string, Row>();
  /** Keys whose rows are drawn for the last time. */
  readonly #ended = new Set<string>();
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #drawnRows = 0;
  #frame = 0;

  constructor(terminal: Pick<Terminal, "err" | "errIsTty" | "columns">, { now = Date.now }: { now?: () => number } = {}) {
    this.#terminal = terminal;
    this.#now = now;
  }

  /** A status without a digest spins; one with a digest and something done is a bar. */
  update({ status, digest, total, completed }: ProgressLine): void {
    if (this.#ended.has(digest ?? status)) return;
    if (digest !== undefined && total !== undefined && total > 0) {
      // Nothing done yet may mean that the layer is already here: no bar until there is something to show.
      if (!completed && !this.#rows.has(digest)) return;
      this.#bar(digest, { status, total, completed: completed ?? 0 });
    } else {
      this.spin(status, status);
    }
    this.#start();
  }

  /** A spinner under its own key, whose message may change (`copying file … 42%`). */
  spin(key: string, message: string): void {
    if (this.#ended.has(key)) return;
    const known = this.#rows.get(key);
    if (!known) {
      this.#settle();
      if (!this.#terminal.errIsTty) this.#terminal.err(`${message}\n`);
    }
    this.#rows.set(key, { type: "spinner", message, spinning: true });
    this.#start();
  }

  /** Draws the last state and leaves it there. */
  stop(): void {
    this.#settle();
    if (this.#timer) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#draw();
      this.#terminal.err("\n");
    }
    this.#rows.clear();
    this.#drawnRows = 0;
  }

  /** Takes everything off the screen again. */
  clear(): void {
    if (this.#timer) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#terminal.err(`${this.#home()}${ESC}J${ESC}?25h`);
    }
    this.#rows.clear();
    this.#drawnRows = 0;
  }

  #bar(digest: string, { status, total, completed }: { status: string; total: number; completed: number }): void {
    const nowMs = this.#now();
    const known = this.#rows.get(digest);
    const bar = known?.type === "bar" ? known.bar : undefined;
    if (!bar) {
      this.#settle();
      if (!this.#terminal.errIsTty) this.#terminal.err(`${status}\n`);
    }
    const current = bar ?? startBar(`${status}:`, { totalBytes: total, initialBytes: completed, nowMs });
    this.#rows.set(digest, { type: "bar", bar: advanceBar(current, { completedBytes: completed, nowMs }) });
  }

  /** What came before has ended when something new begins. */
  #settle(): void {
    for (const row of this.#rows.values()) {
      if (row.type === "spinner") row.spinning = false;
    }
  }

  #start(): void {
    if (this.#timer || !this.#terminal.errIsTty) return;
    this.#timer = setInterval(() => this.#draw(), FRAME_MS);
    this.#timer.unref();
    this.#draw();
  }

  #draw(): void {
    const columns = this.#terminal.columns();
    this.#frame = (this.#frame + 1) % FRAMES.length;
    const lines = [...this.#rows.values()].map((row) => {
      if (row.type === "bar") return renderBar(row.bar, columns);
      const frame = row.spinning ? ` ${FRAMES.charAt(this.#frame)}` : "";
      return (clippedInside(row.message, columns - 1 - frame.length) + frame).trimStart();
    });
    this.#terminal.err(`${BEGIN}${this.#home()}${lines.map((line) => `${line}${ESC}K`).join("\n")}${END}`);
    this.#drawnRows = lines.length - this.#leaveEnded();
  }

  /** Rows at the top that have ended stay on the screen as they are: what is redrawn must fit a window. */
  #leaveEnded(): number {
    let left = 0;
    for (const [key, row] of this.#rows) {
      const ended = row.type === "bar" ? row.bar.completedBytes >= row.bar.totalBytes : !row.spinning;
      if (!ended || this.#rows.size === 1) break;
      this.#rows.delete(key);
      this.#ended.add(key);
      left += 1;
    }
    return left;
  }

  #home(): string {
    return this.#drawnRows > 1 ? `${ESC}${this.#drawnRows - 1}A\r` : "\r";
  }
}
