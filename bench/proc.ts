/** What Linux tells about CPU time and memory, of the machine and of trees of processes. */
import { readdirSync, readFileSync } from "node:fs";

/** Clock ticks a second in /proc, the same on every Linux that Node runs on. */
const TICKS = 100;

/** Seconds of all cores together since boot. */
export interface MachineTime {
  busy: number;
  idle: number;
  steal: number;
}

export function machineTime(text = readFileSync("/proc/stat", "utf8")): MachineTime {
  const fields = (/^cpu +(.*)$/m.exec(text)?.[1] ?? "").split(" ").map((field) => Number(field) / TICKS);
  const [user = 0, nice = 0, system = 0, idle = 0, wait = 0, irq = 0, softirq = 0, steal = 0] = fields;
  return { busy: user + nice + system + irq + softirq, idle: idle + wait, steal };
}

/** CPU seconds used so far by these processes and all that descend from them. */
export function treeSeconds(roots: readonly number[]): number {
  return family(roots).reduce((sum, { seconds }) => sum + seconds, 0);
}

/** Resident bytes of one process; 0 when it is gone. */
export function residentBytes(pid: number): number {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readOr(`/proc/${pid}/status`))?.[1];
  return Number(kib ?? 0) * 1024;
}

/** The descendants of a process, itself included. */
export function family(roots: readonly number[]): { pid: number; parent: number; seconds: number }[] {
  const all = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => parseStat(readOr(`/proc/${name}/stat`)));
  const wanted = new Set(roots);
  for (let before = 0; before < wanted.size; ) {
    before = wanted.size;
    for (const { pid, parent } of all) if (wanted.has(parent)) wanted.add(pid);
  }
  return all.filter(({ pid }) => wanted.has(pid));
}

/** The name in brackets may hold anything, spaces and brackets too, so fields count from its end. */
function parseStat(text: string): { pid: number; parent: number; seconds: number }[] {
  const end = text.lastIndexOf(")");
  if (end < 0) return [];
  const fields = text
    .slice(end + 2)
    .split(" ")
    .map(Number);
  const [parent = 0, user = 0, system = 0] = [Number(fields[1]), fields[11], fields[12]];
  return [{ pid: Number.parseInt(text, 10), parent, seconds: (user + system) / TICKS }];
}

function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
