/**
 * The part journal: which bytes of an unfinished download are on disk. A line of JSON per written range, appended after the
 * write, so that a process that dies at any moment loses the last few lines at most. A machine that dies may lose bytes that
 * were written but not flushed: after another boot only as many ranges count as the last bare number says were flushed.
 */
import { readFileSync } from "node:fs";
import { type FileHandle, open, readFile } from "node:fs/promises";
import os from "node:os";
import { writeWhole } from "../models/files.ts";
import { type Range, Ranges } from "./ranges.ts";

/** A journal is a few lines a megabyte; a file beyond this is none. */
const MAX_BYTES = 64 << 20;

/** Appends to one file, one write at a time. */
export class Journal {
  readonly #handle: FileHandle;
  #lines: number;
  #waiting = "";
  #writing: Promise<void> | undefined;
  #failure: { error: unknown } | undefined;

  private constructor(handle: FileHandle, lines: number) {
    this.#handle = handle;
    this.#lines = lines;
  }

  /** Begins a journal that says `ranges` are there, in place of whatever the file held. */
  static async begin(file: string, size: number, ranges: Iterable<Range>, boot = bootId()): Promise<Journal> {
    const known = [...ranges];
    const lines = [JSON.stringify({ size, boot }), ...known.map(lineOf), String(known.length)];
    await writeWhole(file, Buffer.from(`${lines.join("\n")}\n`));
    return new Journal(await open(file, "a"), known.length);
  }

  /** Notes bytes that have been written. What goes wrong comes with `flush`. */
  add(range: Range): void {
    this.#lines++;
    this.#append(lineOf(range));
  }

  /** Runs `sync`, and notes that it has flushed every byte noted before this call. */
  async checkpoint(sync: () => Promise<void>): Promise<void> {
    const lines = this.#lines;
    await sync();
    this.#append(String(lines));
  }

  /** Resolves when everything noted is in the file. */
  async flush(): Promise<void> {
    await this.#writing;
    if (this.#failure) throw this.#failure.error;
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } finally {
      await this.#handle.close();
    }
  }

  #append(line: string): void {
    this.#waiting += `${line}\n`;
    this.#writing ??= this.#write();
  }

  async #write(): Promise<void> {
    try {
      while (this.#waiting !== "") {
        const text = this.#waiting;
        this.#waiting = "";
        await this.#handle.appendFile(text);
      }
    } catch (error) {
      this.#failure ??= { error };
    } finally {
      this.#writing = undefined;
    }
  }
}

function lineOf({ start, end }: Range): string {
  return `[${start},${end}]`;
}

/** What the journal vouches for. Nothing when it is absent, for a file of another size, or damaged from its first line on. */
export async function readJournal(file: string, size: number, boot = bootId()): Promise<Ranges> {
  const text = await readFile(file, "utf8").catch(() => "");
  return text.length > MAX_BYTES ? new Ranges() : parseJournal(text, size, boot);
}

/** The ranges up to the first line that makes no sense: whatever comes after a torn line is not trusted. */
export function parseJournal(text: string, size: number, boot: string): Ranges {
  // The last piece is what no newline ended: a line that was being written.
  const [first, ...lines] = text.split("\n").slice(0, -1).map(parse);
  if (!isHead(first) || first.size !== size) return new Ranges();
  const ranges: Range[] = [];
  let synced = 0;
  for (const line of lines) {
    if (typeof line === "number") synced = Math.max(synced, Math.min(line, ranges.length));
    else if (isRange(line) && line[1] <= size) ranges.push({ start: line[0], end: line[1] });
    else break;
  }
  return new Ranges(first.boot === boot ? ranges : ranges.slice(0, synced));
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isHead(value: unknown): value is { size: number; boot: string } {
  return typeof value === "object" && value !== null && "size" in value && "boot" in value && typeof value.boot === "string";
}

function isRange(value: unknown): value is [number, number] {
  if (!Array.isArray(value) || value.length !== 2 || !value.every((item) => Number.isSafeInteger(item))) return false;
  return value[0] >= 0 && value[0] < value[1];
}

/** Changes whenever the machine starts. Elsewhere than on Linux the minute of the start has to do. */
function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return String(Math.round((Date.now() / 1000 - os.uptime()) / 60));
  }
}
