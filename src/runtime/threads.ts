/** How many threads a model may use. */
import { readFileSync } from "node:fs";
import os from "node:os";

/**
 * Physical cores, but no more than the scheduler lets this process use (affinity and cgroup quota): ggml's threads spin at
 * barriers, so one thread too many costs far more than one too few.
 */
export function defaultThreads(read: (file: string) => string | undefined = readText): number {
  const available = os.availableParallelism();
  const quota = cpuQuota(read);
  return Math.max(1, Math.min(physicalCores(read) ?? available, available, quota === undefined ? available : Math.floor(quota)));
}

/** Weights up to this size are computed by one thread. */
const ONE_THREAD_BYTES = 64 * 1024 * 1024;

/**
 * Threads for a model of this size. In a small one the barriers cost as much as a second thread brings (0.36 against 0.30 ms a token
 * at 6 MB), and beside any other program they cost a hundred times that.
 */
export function threadsFor(weightBytes: number, available = defaultThreads()): number {
  return weightBytes <= ONE_THREAD_BYTES ? 1 : available;
}

/** Distinct (package, core) pairs, so that hyper-threads count once. Undefined where the system does not tell. */
export function physicalCores(read: (file: string) => string | undefined): number | undefined {
  const cpuinfo = read("/proc/cpuinfo");
  if (cpuinfo === undefined) return undefined;
  const cores = new Set<string>();
  for (const block of cpuinfo.split(/\n\n+/)) {
    const core = /^core id\s*:\s*(\d+)/m.exec(block)?.[1];
    if (core !== undefined) cores.add(`${/^physical id\s*:\s*(\d+)/m.exec(block)?.[1] ?? "0"}/${core}`);
  }
  return cores.size > 0 ? cores.size : undefined;
}

/** CPUs' worth of time that a container may use (cgroup v2, then v1). Undefined without a limit. */
export function cpuQuota(read: (file: string) => string | undefined): number | undefined {
  const [max, period] = (read("/sys/fs/cgroup/cpu.max") ?? "").trim().split(/\s+/);
  if (max !== undefined && max !== "" && max !== "max") return Number(max) / Number(period ?? 100_000);
  const quota = Number(read("/sys/fs/cgroup/cpu/cpu.cfs_quota_us") ?? -1);
  return quota > 0 ? quota / Number(read("/sys/fs/cgroup/cpu/cpu.cfs_period_us") ?? 100_000) : undefined;
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}
