import { expect, test } from "vitest";
import { cpuQuota, defaultThreads, physicalCores, threadsFor } from "./threads.ts";

const files = (found: Record<string, string>) => (file: string) => found[file];
const cpu = (physical: number, core: number) => `processor: 0\nphysical id\t: ${physical}\ncore id\t\t: ${core}\n`;

test("hyper-threads count once, packages apart", () => {
  const text = [cpu(0, 0), cpu(0, 0), cpu(0, 1), cpu(1, 0)].join("\n");
  expect(physicalCores(files({ "/proc/cpuinfo": text }))).toBe(3);
  expect(physicalCores(files({}))).toBeUndefined();
  // ARM's cpuinfo names no cores.
  expect(physicalCores(files({ "/proc/cpuinfo": "processor: 0\n" }))).toBeUndefined();
});

test("a container's quota, in both versions of cgroups", () => {
  expect(cpuQuota(files({ "/sys/fs/cgroup/cpu.max": "150000 100000\n" }))).toBe(1.5);
  expect(cpuQuota(files({ "/sys/fs/cgroup/cpu.max": "max 100000\n" }))).toBeUndefined();
  expect(
    cpuQuota(files({ "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "400000", "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000" })),
  ).toBe(4);
  expect(cpuQuota(files({ "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1" }))).toBeUndefined();
});

test("at least one thread, whatever the quota", () => {
  expect(defaultThreads(files({ "/sys/fs/cgroup/cpu.max": "20000 100000" }))).toBe(1);
});

test("a small model gets one thread", () => {
  expect(threadsFor(10 * 1024 * 1024, 8)).toBe(1);
  expect(threadsFor(600 * 1024 * 1024, 8)).toBe(8);
});
