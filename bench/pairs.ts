/** Two contestants in turn, A B A B, and the median of the ratios of neighbours: noise that lasts hits both alike. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Disturbance, Gate } from "./gate.ts";

/** One measurement: the figure, where more is better, and the tokens it stands for (for CPU seconds a token). */
export interface Measured {
  figure: number;
  tokens?: number;
  /** Why this measurement does not count, such as an answer that ended early. */
  fault?: string;
}

export interface Sample extends Measured {
  disturbance: Disturbance;
  cpuSeconds: number;
  attempt: number;
}

export interface Paired {
  a: Sample[];
  b: Sample[];
  ratio: Spread;
  /** CPU seconds a token, A over B. Far less noisy than time. Undefined when either has no tokens. */
  cpuRatio: Spread | undefined;
  /** Every sample of both sides was taken undisturbed and without fault. */
  valid: boolean;
}

export interface Spread {
  median: number;
  min: number;
  max: number;
}

export interface PairOptions {
  gate: Gate;
  rounds: number;
  /** How often a disturbed measurement is repeated before it is kept and marked. */
  repeats: number;
  pauseMs: number;
}

export async function runPairs(a: () => Promise<Measured>, b: () => Promise<Measured>, options: PairOptions): Promise<Paired> {
  // the first run of each warms caches and is thrown away
  await a();
  await b();
  const [left, right]: [Sample[], Sample[]] = [[], []];
  for (let round = 0; round < options.rounds; round++) {
    left.push(await takeSample(a, options));
    right.push(await takeSample(b, options));
  }
  const ratios = left.map((sample, index) => sample.figure / (right[index]?.figure ?? Number.NaN));
  const costs = left.flatMap((sample, index) => {
    const other = right[index];
    if (!sample.tokens || !other?.tokens || other.cpuSeconds === 0) return [];
    return [sample.cpuSeconds / sample.tokens / (other.cpuSeconds / other.tokens)];
  });
  const valid = [...left, ...right].every((sample) => sample.disturbance.quiet && !sample.fault);
  return { a: left, b: right, ratio: spreadOf(ratios), cpuRatio: costs.length > 0 ? spreadOf(costs) : undefined, valid };
}

/** Measures until a run was quiet, or gives up and marks the last one. */
export async function takeSample(work: () => Promise<Measured>, options: PairOptions): Promise<Sample> {
  for (let attempt = 1; ; attempt++) {
    const ready = await options.gate.ready();
    const { value, disturbance, cpuSeconds } = await options.gate.watch(work);
    const quiet = ready && disturbance.quiet;
    await sleep(options.pauseMs);
    if ((quiet && !value.fault) || attempt > options.repeats)
      return { ...value, disturbance: { ...disturbance, quiet }, cpuSeconds, attempt };
  }
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
