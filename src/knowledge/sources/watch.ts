/** Tells that something in some folders has changed. A hint and no more: systems lose such events, so folders are looked at anyway. */
import { type FSWatcher, watch } from "node:fs";

export interface WatchTimes {
  /** Quiet after the last change. */
  calmMs: number;
  /** The first change waits no longer than this. */
  mostMs: number;
}

const TIMES: WatchTimes = { calmMs: 1_000, mostMs: 10_000 };
/** Each takes a handle of the system, of which other programs want some. */
const MOST_FOLDERS = 4_000;

export class FolderWatch {
  readonly #onChange: () => void;
  readonly #times: WatchTimes;
  readonly #watchers = new Map<string, FSWatcher>();
  #since = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(onChange: () => void, times: Partial<WatchTimes> = {}) {
    this.#onChange = onChange;
    this.#times = { ...TIMES, ...times };
  }

  /** These folders from now on, each without those in it. */
  update(folders: readonly string[]): void {
    const wanted = new Set(folders.slice(0, MOST_FOLDERS));
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue;
      watcher.close();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) if (!this.#watchers.has(folder)) this.#add(folder);
  }

  close(): void {
    clearTimeout(this.#timer);
    this.update([]);
  }

  #add(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#changed());
      // A folder that is removed, or a system that has no handles left.
      watcher.on("error", () => {
        watcher.close();
        this.#watchers.delete(folder);
      });
      this.#watchers.set(folder, watcher);
    } catch {
      // The regular looks find it.
    }
  }

  #changed(): void {
    const now = performance.now();
    if (!this.#timer) this.#since = now;
    clearTimeout(this.#timer);
    const wait = Math.max(0, Math.min(this.#times.calmMs, this.#since + this.#times.mostMs - now));
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#onChange();
    }, wait);
    this.#timer.unref();
  }
}
