/** The doctor's findings as a page of text. */
import { humanBytes } from "../terminal/human.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { textWidth } from "../terminal/width.ts";
import type { Finding, Report } from "./examine.ts";
import { kernelName, whyNot } from "./kernels.ts";

export function renderReport(report: Report, { color }: Pick<Terminal, "color">): string {
  const { cpu, memory, kernels, store, server } = report;
  const usable = `${cpu.usableCpus} usable ${cpu.usableCpus === 1 ? "CPU" : "CPUs"}`;
  const sections = [
    section("Machine", [
      ["CPU", `${cpu.model}, ${usable}`],
      ["threads", `${cpu.threads} per model`],
      ["memory", `${humanBytes(memory.freeBytes)} free of ${humanBytes(memory.totalBytes)}`],
      ["Node", `${report.node} on ${report.platform}`],
    ]),
    section("Kernels", kernelRows(report)),
    section("GPU builds", gpuRows(kernels)),
    section("Model store", [
      ["folder", `${store.path}${store.writable ? "" : " (cannot be written)"}`],
      ["models", `${store.models}, ${humanBytes(store.sizeBytes)}`],
      ...(store.freeDiskBytes === undefined ? [] : [["disk", `${humanBytes(store.freeDiskBytes)} free`]]),
    ]),
    section("Server", [
      ["address", server.address],
      ["running", server.version === undefined ? "no" : `yes, version ${server.version}`],
    ]),
  ];
  return `Puna ${report.puna}\n\n${sections.join("")}${verdict(report.findings, color)}`;
}

function kernelRows({ kernels, cpu }: Report): string[][] {
  const { library } = kernels;
  if (!library) return [["llama.cpp", "not loaded"]];
  const flags = new Set(cpu.flags);
  const others = library.cpuBuilds.filter((file) => file !== library.kernelBuild);
  const reasons = new Map<string, string[]>();
  for (const file of others) {
    const reason = whyNot(file, flags) ?? "another one was chosen";
    reasons.set(reason, [...(reasons.get(reason) ?? []), kernelName(file)]);
  }
  return [
    ["llama.cpp", `${library.version} (${library.variant})`],
    ["in use", library.kernelBuild],
    ["folder", library.directory],
    ...[...reasons].map(([reason, names]) => ["not used", `${names.join(", ")}: ${reason}`]),
  ];
}

function gpuRows({ packages, library }: Report["kernels"]): string[][] {
  const rows = (library?.gpus ?? []).map((gpu) => ["found", gpu]);
  for (const { name, variant, installed, install } of packages) {
    if (variant === "cpu") continue;
    rows.push([variant, installed ? `installed (${name})` : `not installed; to add it: ${install}`]);
  }
  return rows.length > 0 ? rows : [["none", "no GPU build is published for this platform"]];
}

function section(heading: string, rows: string[][]): string {
  const width = Math.max(...rows.map(([label = ""]) => textWidth(label)));
  return `  ${heading}\n${rows.map(([label = "", text = ""]) => `    ${label.padEnd(width)}    ${text}\n`).join("")}\n`;
}

function verdict(findings: Finding[], color: boolean): string {
  if (findings.length === 0) return "Nothing is wrong.\n";
  const paint = (code: number, text: string) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  return findings
    .map(
      ({ level, what, remedy }) =>
        `${level === "broken" ? paint(31, "Broken:") : paint(33, "Note:  ")} ${what}\n         ${remedy}\n`,
    )
    .join("");
}
