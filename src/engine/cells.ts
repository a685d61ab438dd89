/**
 * Which KV cells are in use, cell for cell as llama.cpp's unified cache has them: a cell copied by `seq_cp` is one cell with
 * several owners. llama.h has no way to ask, and admission and eviction need to know before a decode fails.
 */

interface Run {
  length: number;
  owners: Set<number>;
}

/** Runs of cells per sequence, in order of position. */
export class CellLedger {
  readonly #runs = new Map<number, Run[]>();
  #used = 0;

  /** Cells that hold something. */
  get used(): number {
    return this.#used;
  }

  length(sequence: number): number {
    return total(this.#of(sequence));
  }

  /** New tokens were decoded into `sequence`. */
  append(sequence: number, count: number): void {
    if (count === 0) return;
    const runs = this.#of(sequence);
    const last = runs.at(-1);
    if (last && last.owners.size === 1) last.length += count;
    else runs.push({ length: count, owners: new Set([sequence]) });
    this.#used += count;
  }

  /** `to`, which must be empty, now shares the first `length` cells of `from`. */
  share(from: number, to: number, length: number): void {
    this.#cut(from, length);
    const runs: Run[] = [];
    for (let i = 0, at = 0; at < length; i++) {
      const run = this.#of(from)[i];
      if (!run) break;
      run.owners.add(to);
      runs.push(run);
      at += run.length;
    }
    this.#runs.set(to, runs);
  }

  /** Cells of positions [from, to) leave `sequence`; they are free once no other sequence owns them. */
  remove(sequence: number, from: number, to = Number.POSITIVE_INFINITY): void {
    this.#cut(sequence, from);
    this.#cut(sequence, to);
    let at = 0;
    const kept: Run[] = [];
    for (const run of this.#of(sequence)) {
      if (at >= from && at < to) {
        run.owners.delete(sequence);
        if (run.owners.size === 0) this.#used -= run.length;
      } else kept.push(run);
      at += run.length;
    }
    this.#runs.set(sequence, kept);
    if (kept.length === 0) this.#runs.delete(sequence);
  }

  /** True when another sequence owns a cell of `sequence` at or after `from`. */
  isShared(sequence: number, from = 0): boolean {
    let at = 0;
    for (const run of this.#of(sequence)) {
      at += run.length;
      if (at > from && run.owners.size > 1) return true;
    }
    return false;
  }

  /** Distinct cells that any of these sequences owns. */
  heldBy(sequences: Iterable<number>): number {
    const runs = new Set<Run>();
    for (const sequence of sequences) for (const run of this.#of(sequence)) runs.add(run);
    return total([...runs]);
  }

  clear(): void {
    this.#runs.clear();
    this.#used = 0;
  }

  #of(sequence: number): Run[] {
    let runs = this.#runs.get(sequence);
    if (!runs) {
      runs = [];
      this.#runs.set(sequence, runs);
    }
    return runs;
  }

  /** Makes `position` the border of two runs, in every sequence that owns the run. */
  #cut(sequence: number, position: number): void {
    let at = 0;
    for (const run of this.#of(sequence)) {
      if (position <= at) return;
      if (position < at + run.length) {
        const tail: Run = { length: at + run.length - position, owners: new Set(run.owners) };
        run.length = position - at;
        for (const owner of run.owners) {
          const runs = this.#of(owner);
          runs.splice(runs.indexOf(run) + 1, 0, tail);
        }
        return;
      }
      at += run.length;
    }
  }
}

function total(runs: readonly Run[]): number {
  return runs.reduce((sum, run) => sum + run.length, 0);
}
