/** What every scenario works with: the contestants, the gate, and a place for its rows. */
import type { Contestant } from "./contestant.ts";
import type { Gate } from "./gate.ts";
import type { Options } from "./options.ts";
import {
  type Measured,
  type Paired,
  type PairOptions,
  runPairs,
  type Sample,
  type Spread,
  spreadOf,
  takeSample,
} from "./pairs.ts";
import type { Probe } from "./probe.ts";
import type { Puna } from "./puna.ts";

export interface Row {
  scenario: string;
  what: string;
  unit: string;
  ours: number;
  other?: { name: string; figure: number };
  /** Ours over the other, pair by pair; above 1 is better. */
  ratio?: Spread;
  cpuRatio?: Spread;
  promise?: { text: string; met: boolean };
  valid: boolean;
  note?: string;
  samples: unknown;
}

/** What a scenario needs that measures nothing of the engine. */
export interface Stand {
  readonly options: Options;
  readonly gate: Gate;
  readonly rows: Row[];
}

export interface Bench extends Stand {
  readonly model: string;
  readonly probe: Probe;
  readonly puna: Puna;
  /** Started when first asked for. */
  oneSlot(): Promise<Puna>;
  readonly peers: readonly Contestant[];
  /** `num_ctx` of every request. */
  readonly context: number;
}

interface Named {
  id: string;
  title: string;
}

/** Without `needsEngine: false` the contestants are started and a model is loaded. */
export type Scenario = Named &
  ({ needsEngine?: true; run(bench: Bench): Promise<void> } | { needsEngine: false; run(stand: Stand): Promise<void> });

/** A contestant's way to give a figure, where more is better. */
export interface Side {
  name: string;
  measure: () => Promise<Measured>;
}

/** Runs A against B and adds the row. `show` turns the figure into what the table prints. */
export async function compare(
  stand: Stand,
  row: Pick<Row, "scenario" | "what" | "unit">,
  a: Side,
  b: Side,
  {
    atLeast,
    show = (figure: number) => figure,
    note,
  }: { atLeast?: number; show?: (figure: number) => number; note?: () => string } = {},
): Promise<Paired> {
  const paired = await runPairs(a.measure, b.measure, sampleOptions(stand));
  const middle = (samples: readonly Sample[]) => show(spreadOf(samples.map(({ figure }) => figure)).median);
  stand.rows.push({
    ...row,
    ours: middle(paired.a),
    other: { name: b.name, figure: middle(paired.b) },
    ratio: paired.ratio,
    ...(paired.cpuRatio && { cpuRatio: paired.cpuRatio }),
    ...(atLeast !== undefined && { promise: { text: `>= ${atLeast}`, met: paired.ratio.median >= atLeast } }),
    valid: paired.valid,
    ...noteOf([note?.(), ...faults(paired)]),
    samples: { ours: paired.a, other: paired.b },
  });
  return paired;
}

function faults({ a, b }: Paired): (string | undefined)[] {
  const first = [...a, ...b].find(({ fault }) => fault);
  return [first && `FAULT: ${first.fault}`];
}

function noteOf(parts: readonly (string | undefined)[]): { note?: string } {
  const text = parts.filter(Boolean).join("; ");
  return text ? { note: text } : {};
}

/** Measures alone, `rounds` times, and adds the row with the median. */
export async function alone(
  stand: Stand,
  row: Pick<Row, "scenario" | "what" | "unit">,
  measure: () => Promise<number>,
  { atMost, atLeast, note }: { atMost?: number; atLeast?: number; note?: () => string } = {},
): Promise<void> {
  await measure();
  const samples: Sample[] = [];
  for (let round = 0; round < stand.options.rounds; round++)
    samples.push(await takeSample(async () => ({ figure: await measure() }), sampleOptions(stand)));
  const spread = spreadOf(samples.map(({ figure }) => figure));
  stand.rows.push({
    ...row,
    ours: spread.median,
    ...(atMost !== undefined && { promise: { text: `<= ${atMost}`, met: spread.median <= atMost } }),
    ...(atLeast !== undefined && { promise: { text: `>= ${atLeast}`, met: spread.median >= atLeast } }),
    valid: samples.every(({ disturbance }) => disturbance.quiet),
    ...noteOf([`${spread.min.toFixed(1)} to ${spread.max.toFixed(1)}`, note?.()]),
    samples,
  });
}

/** How a sample is taken. */
export function sampleOptions({ gate, options }: Stand): PairOptions {
  return {
    gate,
    rounds: options.rounds,
    repeats: options.force ? 0 : 3,
    pauseMs: options.force ? 0 : options.quick ? 200 : 2000,
  };
}

let seed = 1000;
/** A seed that no prompt has had: what must be cold is cold. */
export function freshSeed(): number {
  return seed++;
}
