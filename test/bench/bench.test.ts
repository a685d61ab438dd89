/** The bench's own judgement: pairs, the gate, the verdict, and models whose prompts have exact lengths. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Row } from "../../bench/bench.ts";
import { type Gate, openGate } from "../../bench/gate.ts";
import { readOptions } from "../../bench/options.ts";
import { runPairs, spreadOf } from "../../bench/pairs.ts";
import { family, machineTime, residentBytes, treeSeconds } from "../../bench/proc.ts";
import { writeTable } from "../../bench/report.ts";
import { syntheticModel } from "../../bench/synthetic.ts";
import { verdictOf } from "../../bench/verdict.ts";
import { promptOf } from "../../bench/vocabulary.ts";
import { Model } from "../../src/llama/index.ts";

/** A gate that calls these runs disturbed, in order; afterwards all is quiet. */
function gateOf(disturbed: boolean[]): Gate {
  return {
    ready: async () => true,
    watch: async (work) => {
      const quiet = !disturbed.shift();
      return { value: await work(), disturbance: { foreign: quiet ? 0 : 1, steal: 0, quiet }, cpuSeconds: 1 };
    },
  };
}

function figures(...values: number[]) {
  return async () => ({ figure: values.shift() ?? 0, tokens: 10 });
}

describe("runPairs", () => {
  it("drops the first run of each and takes ratios pair by pair", async () => {
    const found = await runPairs(figures(1, 10, 20, 30), figures(1, 5, 20, 60), {
      gate: gateOf([]),
      rounds: 3,
      repeats: 0,
      pauseMs: 0,
    });
    expect(found.ratio).toEqual({ median: 1, min: 0.5, max: 2 });
    expect(found.valid).toBe(true);
    expect(found.cpuRatio).toEqual({ median: 1, min: 1, max: 1 });
  });

  it("repeats a disturbed run, and marks the row when it never comes clean", async () => {
    const again = await runPairs(figures(1, 99, 10), figures(1, 10), { gate: gateOf([true]), rounds: 1, repeats: 2, pauseMs: 0 });
    expect(again.ratio.median).toBe(1);
    expect(again.a[0]?.attempt).toBe(2);
    expect(again.valid).toBe(true);
    const never = await runPairs(figures(1, 9, 9, 9), figures(1, 9), {
      gate: gateOf([true, true, true]),
      rounds: 1,
      repeats: 2,
      pauseMs: 0,
    });
    expect(never.valid).toBe(false);
  });

  it("does not count a faulty answer", async () => {
    const short = async () => ({ figure: 1, fault: "3 of 64 tokens" });
    const found = await runPairs(short, figures(1, 1), { gate: gateOf([]), rounds: 1, repeats: 0, pauseMs: 0 });
    expect(found.valid).toBe(false);
  });

  it("takes the median of even counts too", () => {
    expect(spreadOf([4, 1, 3, 2])).toEqual({ median: 2.5, min: 1, max: 4 });
  });
});

describe("verdict", () => {
  const row = (more: Partial<Row>): Row => ({
    scenario: "S1",
    what: "decode",
    unit: "tok/s",
    ours: 1,
    valid: true,
    samples: [],
    ...more,
  });
  const quick = readOptions(["--quick"])!;
  it("fails a quick run only for what every pair of a valid row says", () => {
    const slow = { median: 0.7, min: 0.5, max: 0.8 };
    expect(verdictOf([row({ ratio: slow })], quick).code).toBe(1);
    expect(verdictOf([row({ ratio: slow, valid: false })], quick).code).toBe(0);
    expect(verdictOf([row({ ratio: { ...slow, max: 0.9 } })], quick).code).toBe(0);
    const costly = { median: 2, min: 1.9, max: 2.1 };
    expect(verdictOf([row({ cpuRatio: costly, other: { name: "raw loop", figure: 1 } })], quick).code).toBe(1);
    expect(verdictOf([row({ promise: { text: ">= 1", met: false } })], quick).code).toBe(0);
  });
  it("never fails a full run, but names what was missed", () => {
    const found = verdictOf([row({ promise: { text: ">= 1", met: false } })], readOptions([])!);
    expect(found).toEqual({ code: 0, text: "promises missed: S1 (decode)" });
  });
});

describe("options and report", () => {
  it("reads the command line", () => {
    expect(readOptions(["--clients", "1,8", "--rounds", "7", "--llama-server", "x"])).toMatchObject({
      clients: [1, 8],
      rounds: 7,
      llamaServer: "x",
      model: "1.2b",
    });
    expect(readOptions(["--help"])).toBeUndefined();
    expect(() => readOptions(["--rounds", "none"])).toThrow("--rounds must be a whole number");
    expect(() => readOptions(["--colour"])).toThrow();
  });
  it("prints one line a row", () => {
    const limits = { prefill: 240, decode: 30, bandwidth: 17.5 };
    const header = {
      ...{ date: "2026-01-01", machine: "M", node: "v20", commit: "c", forced: false },
      engine: { llama: "1", kernelBuild: "k", model: "m", threads: 2, limits: { before: limits, after: limits } },
    };
    const rows: Row[] = [
      {
        scenario: "S1",
        what: "decode",
        unit: "tok/s",
        ours: 30.26,
        other: { name: "raw loop", figure: 31 },
        ratio: { median: 0.976, min: 0.96, max: 0.99 },
        promise: { text: ">= 0.97", met: true },
        valid: true,
        samples: [],
      },
      { scenario: "S18", what: "memory", unit: "MB", ours: 74, valid: false, note: "n", samples: [] },
    ];
    expect(writeTable(header, rows).split("\n").slice(5)).toEqual([
      "     what    puna        other          ratio (min-max)   CPU/token  promise      remarks",
      "S1   decode  30.3 tok/s  31.0 raw loop  0.98 (0.96-0.99)             >= 0.97 met",
      "S18  memory  74.0 MB                                                              not valid; n",
    ]);
  });
});

describe.skipIf(process.platform !== "linux")("/proc (needs Linux)", () => {
  it("knows this process and the machine", async () => {
    expect(family([process.pid]).some(({ pid }) => pid === process.pid)).toBe(true);
    expect(residentBytes(process.pid)).toBeGreaterThan(20e6);
    expect(residentBytes(2 ** 30)).toBe(0);
    const before = { machine: machineTime().busy, ours: treeSeconds([process.pid]) };
    const { cpuSeconds } = await openGate({ ours: [process.pid], force: true, patienceMs: 0 }).watch(async () => {
      while (treeSeconds([process.pid]) < before.ours + 0.1) Math.hypot(1, 2);
    });
    expect(cpuSeconds).toBeGreaterThan(0.05);
    expect(machineTime().busy - before.machine).toBeGreaterThan(0.05);
  });
  it("reads steal and idle from their columns", () => {
    expect(machineTime("cpu  100 200 300 4000 500 60 70 80 0 0\ncpu0 1 2\n")).toEqual({ busy: 7.3, idle: 45, steal: 0.8 });
  });
});

describe("synthetic models", () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), "puna-synthetic-"));
  afterAll(() => rmSync(folder, { recursive: true }));
  it("load, and give prompts of exactly the length asked for", async () => {
    const file = await syntheticModel("tiny", "Q4_0", folder);
    const model = Model.load(file);
    try {
      expect(model.vocabularySize).toBe(32_000);
      for (const count of [1, 64, 1000])
        expect(model.tokenize(promptOf(count, count), { addSpecial: false })).toHaveLength(count);
      expect(promptOf(40, 1)).not.toBe(promptOf(40, 2));
    } finally {
      model.close();
    }
    await expect(syntheticModel("huge", "Q4_0", folder)).rejects.toThrow('no shape "huge"');
  });
});
