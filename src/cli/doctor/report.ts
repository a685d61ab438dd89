/** The doctor's findings as a page of text. */
import { humanBytes } from "../terminal/human.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { textWidth } from "../terminal/width.ts";
import type { Finding, Report } from "./examine.ts";
import { kernelName } from "./kernels.ts";

export function renderReport(report: Report, { color }: Pick<Terminal, "color">): string {
  const { cpu, memory, kernels, store, server } = report;
  const usable = `${cpu.usableCpus} usable ${cpu.usableCpus === 1 ? "CPU" : "CPUs"}`;
  const limit = memory.limitBytes === undefined ? "" : `, of which this container may use ${humanBytes(memory.limitBytes)}`;
  const sections = [
    section("Machine", [
      ["CPU", `${cpu.model}, ${usable}`],
      ["threads", `${cpu.threads} per model`],
      ["memory", `${humanBytes(memory.freeBytes)} free of ${humanBytes(memory.totalBytes)}${limit}`],
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

function kernelRows({ kernels }: Report): string[][] {
  const { library, builds } = kernels;
  if (!library) return [["llama.cpp", "not loaded"]];
  const others = builds.find(({ state }) => state === "in use")?.kernels.filter(({ inUse }) => !inUse) ?? [];
  const names = (some: typeof others) => some.map(({ file }) => kernelName(file)).join(", ");
  const reasons = [
    ["slower here", names(others.filter(({ score }) => score !== 0))],
    ["not for this CPU", names(others.filter(({ score }) => score === 0))],
  ];
  return [
    ["llama.cpp", `${library.version} (${library.variant})`],
    ["in use", library.kernelBuild],
    ["folder", library.directory],
    ...reasons.filter(([, which]) => which).map(([why, which]) => ["not used", `${which}: ${why}`]),
  ];
}

function gpuRows({ builds, library }: Report["kernels"]): string[][] {
  const rows = (library?.gpus ?? []).map((gpu) => ["found", gpu]);
  for (const { name, variant, state, note, install } of builds) {
    if (variant === "cpu") continue;
    rows.push([variant, state === "missing" && install ? `not installed; to add it: ${install}` : `${state} (${name}): ${note}`]);
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
