/** One progress bar as text: `pulling 1a2b3c:  35% ▕████      ▏ 586 MB/1.7 GB  4.6 MB/s   3m56s`. */
import { clippedInside } from "./clip.ts";
import { humanBytes } from "./human.ts";
import { textWidth } from "./width.ts";

const MAX_SAMPLES = 10;
/** A shorter bar shows nothing that the percentage does not. */
const MIN_BAR_COLUMNS = 4;

export interface Bar {
  message: string;
  totalBytes: number;
  completedBytes: number;
  /** What was there before this run: it counts towards the percentage, not towards the rate. */
  initialBytes: number;
  startedAtMs: number;
  /** Completed bytes at one-second marks, the newest last. */
  samples: { atMs: number; bytes: number }[];
}

export function startBar(
  message: string,
  { totalBytes, initialBytes, nowMs }: { totalBytes: number; initialBytes: number; nowMs: number },
): Bar {
  return { message, totalBytes, completedBytes: initialBytes, initialBytes, startedAtMs: nowMs, samples: [] };
}

/** The bar with this much done. */
export function advanceBar(bar: Bar, { completedBytes, nowMs }: { completedBytes: number; nowMs: number }): Bar {
  const last = bar.samples.at(-1);
  const due = !last || nowMs - last.atMs >= 1000;
  const samples = due ? [...bar.samples, { atMs: nowMs, bytes: completedBytes }].slice(-MAX_SAMPLES) : bar.samples;
  return { ...bar, completedBytes, samples };
}

/**
 * The bar fills the columns; a finished one shows only its total. In a narrow window, what matters least goes first: the speed, the
 * bar itself, the sizes.
 */
export function renderBar(bar: Bar, columns: number): string {
  const { totalBytes: total, completedBytes: completed } = bar;
  const share = total > 0 ? Math.min(1, completed / total) : 0;
  const done = completed >= total;
  const head = `${bar.message.trim()} ${Math.round(share * 100)
    .toString()
    .padStart(3)}%`;
  const rate = done ? 0 : bytesPerSecond(bar);
  const sizes = done
    ? `${right(humanBytes(total))}${" ".repeat(7)}`
    : `${right(humanBytes(completed))}/${right(humanBytes(total))}`;
  const speed =
    rate > 0 ? `  ${right(humanBytes(Math.trunc(rate)))}/s  ${right(remaining((total - completed) / rate))}` : " ".repeat(18);
  const room = columns - textWidth(head) - sizes.length - 5;
  if (room >= speed.length) return `${head} ${drawn(room - speed.length, share)} ${sizes}${speed}`;
  if (room >= MIN_BAR_COLUMNS) return `${head} ${drawn(room, share)} ${sizes}`;
  const short = `${head} ${sizes.trim()}`;
  return textWidth(short) < columns ? short : clippedInside(head, columns - 1);
}

function drawn(columns: number, share: number): string {
  const filled = Math.trunc(columns * share);
  return `▕${"█".repeat(filled)}${" ".repeat(columns - filled)}▏`;
}

function bytesPerSecond(bar: Bar): number {
  const [first, last] = [bar.samples[0], bar.samples.at(-1)];
  if (!first || !last) return 0;
  if (first === last) {
    const seconds = (last.atMs - bar.startedAtMs) / 1000;
    return seconds > 0 ? (last.bytes - bar.initialBytes) / seconds : 0;
  }
  return (last.bytes - first.bytes) / ((last.atMs - first.atMs) / 1000);
}

/** At most six characters: `99h+`, `2h5m`, `3m56s`, `12s`. */
function remaining(seconds: number): string {
  const whole = Math.round(seconds);
  const [h, m, s] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  if (h >= 100) return "99h+";
  if (h >= 1) return `${h}h${m}m`;
  return m >= 1 ? `${m}m${s}s` : `${s}s`;
}

function right(value: string): string {
  return value.padStart(6);
}
