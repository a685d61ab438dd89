/** The table for people and the JSON for everything else. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Row } from "./bench.ts";
import type { Spread } from "./pairs.ts";

export interface Header {
  date: string;
  machine: string;
  node: string;
  commit: string;
  forced: boolean;
  /** Absent when no scenario needed it. */
  engine?: EngineHeader;
}

export interface EngineHeader {
  llama: string;
  kernelBuild: string;
  model: string;
  threads: number;
  /** The raw loop's own speed before and after everything else: what the machine could give meanwhile. */
  limits: { before: Limits; after: Limits };
}

/** Best of three, so that a short disturbance does not count. */
export interface Limits {
  prefill: number;
  decode: number;
  /** Weights read a second while decoding, in GB: every one of them once a token. */
  bandwidth: number;
}

/** One line about the machine: what the figures depend on. */
export function machineLine(): string {
  const cpu = os.cpus()[0]?.model ?? "unknown CPU";
  const flags = new Set(/^flags\s*:(.*)$/m.exec(readOr("/proc/cpuinfo"))?.[1]?.trim().split(/\s+/) ?? []);
  const shown = ["avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16"].filter((flag) => flags.has(flag));
  return `${cpu}, ${os.cpus().length} CPUs, ${Math.round(os.totalmem() / 1e9)} GB, ${os.platform()} ${os.release()}${shown.length > 0 ? `, ${shown.join(" ")}` : ""}`;
}

export function commitName(): string {
  try {
    return execFileSync("git", ["describe", "--always", "--dirty"], {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  } catch {
    return "unknown";
  }
}

export function writeTable(header: Header, rows: readonly Row[]): string {
  const lines = rows.map((row) => [
    row.scenario,
    row.what,
    `${figure(row.ours)} ${row.unit}`,
    row.other ? `${figure(row.other.figure)} ${row.other.name}` : "",
    row.ratio ? spread(row.ratio) : "",
    row.cpuRatio ? row.cpuRatio.median.toFixed(2) : "",
    row.promise ? `${row.promise.text} ${row.promise.met ? "met" : "MISSED"}` : "",
    [row.valid ? "" : "not valid", row.note ?? ""].filter(Boolean).join("; "),
  ]);
  const head = ["", "what", "puna", "other", "ratio (min-max)", "CPU/token", "promise", "remarks"];
  const widths = head.map((name, column) => Math.max(name.length, ...lines.map((line) => line[column]?.length ?? 0)));
  const print = (line: readonly string[]) =>
    line
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd();
  return [
    `${header.machine}`,
    ...engineLines(header.engine),
    `Node ${header.node}, commit ${header.commit}, ${header.date}`,
    "",
    print(head),
    ...lines.map(print),
  ].join("\n");
}

export function writeJson(file: string, header: Header, rows: readonly Row[]): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, `${JSON.stringify({ ...header, rows }, null, 1)}\n`);
}

function engineLines(engine: EngineHeader | undefined): string[] {
  if (!engine) return [];
  const { model, threads, llama, kernelBuild, limits } = engine;
  return [
    `${model}, ${threads} threads, llama.cpp ${llama} (${kernelBuild})`,
    `raw loop before ${limitsLine(limits.before)}; after ${limitsLine(limits.after)}`,
  ];
}

function limitsLine({ prefill, decode, bandwidth }: Limits): string {
  return `prefill ${figure(prefill)} tok/s, decode ${figure(decode)} tok/s (${figure(bandwidth)} GB/s)`;
}

function figure(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function spread({ median, min, max }: Spread): string {
  return `${median.toFixed(2)} (${min.toFixed(2)}-${max.toFixed(2)})`;
}

function readOr(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
