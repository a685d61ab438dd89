/** How much memory a new process can have: what the kernel calls available, within the limits of this container. */
import { readFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";

interface Machine {
  platform: string;
  totalBytes: number;
  freeBytes: number;
  /** The text of a file, empty when it cannot be read. */
  read: (file: string) => string;
}

const thisMachine = (): Machine => ({
  platform: process.platform,
  totalBytes: os.totalmem(),
  freeBytes: os.freemem(),
  read: (file) => {
    try {
      return readFileSync(file, "utf8");
    } catch {
      return "";
    }
  },
});

/** Bytes. Cached files count as available, since mapped weights are such files. */
export function availableMemory(machine: Machine = thisMachine()): number {
  // macOS counts as free only what holds nothing at all; half of the memory is a better guess than that.
  if (machine.platform === "darwin") return Math.max(machine.freeBytes, machine.totalBytes / 2);
  if (machine.platform !== "linux") return machine.freeBytes;
  const kilobytes = Number(/^MemAvailable:\s*(\d+) kB/m.exec(machine.read("/proc/meminfo"))?.[1] ?? Number.NaN);
  const available = Number.isFinite(kilobytes) ? kilobytes * 1024 : machine.freeBytes;
  return Math.max(0, Math.min(available, ...groupRooms(machine)));
}

/** What each control group around this process has left; versions 1 and 2. */
function groupRooms({ read, totalBytes }: Machine): number[] {
  const rooms: number[] = [];
  for (const line of read("/proc/self/cgroup").split("\n")) {
    const [, controllers, group] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (group === undefined) continue;
    if (controllers === "") rooms.push(...walk("/sys/fs/cgroup", group, ["memory.max", "memory.current", "inactive_file"]));
    else if (controllers?.split(",").includes("memory")) {
      rooms.push(
        ...walk("/sys/fs/cgroup/memory", group, ["memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"]),
      );
    }
  }
  return rooms;

  function walk(root: string, group: string, [limitFile, usageFile, cacheKey]: [string, string, string]): number[] {
    const found: number[] = [];
    // A parent's limit holds for its children too. In a container the group is often "/" or not mounted here.
    for (let folder = path.posix.join(root, group); folder.startsWith(root); folder = path.posix.dirname(folder)) {
      const limit = Number.parseInt(read(path.posix.join(folder, limitFile)), 10);
      const usage = Number.parseInt(read(path.posix.join(folder, usageFile)), 10);
      if (!(limit >= 0) || !(usage >= 0) || limit >= totalBytes) continue;
      const cached = new RegExp(`^${cacheKey} (\\d+)$`, "m").exec(read(path.posix.join(folder, "memory.stat")))?.[1];
      found.push(limit - usage + Number(cached ?? 0));
    }
    return found;
  }
}
