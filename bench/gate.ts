/** Keeps measurements honest on a shared machine: waits for quiet before, and measures what others took during. */
import os from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { machineTime, treeSeconds } from "./proc.ts";

/** ggml's threads spin at barriers, so even a small neighbour can stretch a step a hundredfold. */
const LEAST_IDLE = 0.96;
const MOST_FOREIGN = 0.05;
const MOST_STEAL = 0.01;
const WINDOW_MS = 2000;

export interface Disturbance {
  /** CPU time of others, as a share of one core. */
  foreign: number;
  /** Time the host took from this virtual machine, as a share of one core. */
  steal: number;
  quiet: boolean;
}

export interface Gate {
  /** Resolves when the machine is idle; false when it was not within the time allowed. With `force` it does not wait. */
  ready(): Promise<boolean>;
  /** Runs `work` and tells what else ran meanwhile. */
  watch<T>(work: () => Promise<T>): Promise<{ value: T; disturbance: Disturbance; cpuSeconds: number }>;
}

/** `ours` are the processes that are part of the measurement, their descendants included. */
export function openGate(options: { ours: readonly number[]; force: boolean; patienceMs: number }): Gate {
  const { ours, force, patienceMs } = options;
  return {
    async ready() {
      if (force) return true;
      const end = Date.now() + patienceMs;
      do {
        if ((await idleShare()) >= LEAST_IDLE) return true;
      } while (Date.now() < end);
      return false;
    },
    async watch(work) {
      const before = { machine: machineTime(), ours: treeSeconds(ours), at: performance.now() };
      const value = await work();
      const seconds = (performance.now() - before.at) / 1000;
      const machine = machineTime();
      const cpuSeconds = treeSeconds(ours) - before.ours;
      // /proc counts in hundredths of a second, so a short run may come out a tick below zero
      const foreign = Math.max(0, (machine.busy - before.machine.busy - cpuSeconds) / seconds);
      const steal = Math.max(0, (machine.steal - before.machine.steal) / seconds);
      const ticks = 0.02 / seconds;
      const quiet = foreign <= MOST_FOREIGN + ticks && steal <= MOST_STEAL + ticks;
      return { value, disturbance: { foreign, steal, quiet }, cpuSeconds };
    },
  };
}

async function idleShare(): Promise<number> {
  const before = machineTime();
  await sleep(WINDOW_MS);
  const after = machineTime();
  const idle = after.idle - before.idle;
  return idle / (WINDOW_MS / 1000) / os.cpus().length;
}
