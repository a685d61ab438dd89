/**
 * For maintainers, when the pinned llama.cpp changes: writes abi-layouts.ts from its source, and checks the function table against its headers.
 *
 *   node dist/llama/abi.maintainer.js [--check] PATH
 *
 * PATH is `llama/gitRelease.bundle` of the npm package `node-llama-cpp` in the pinned version, a checkout of llama.cpp, or its include/llama.h.
 * `--check` writes nothing and fails when the file in the repository differs.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { messageOf } from "../errors.ts";
import { checkFunctions, generateLayouts } from "./abi-generate.ts";
import { parseHeaders } from "./abi-header.ts";
import { baseFunctions, cpuFunctions, ggmlFunctions, llamaFunctions } from "./functions.ts";

const layouts = path.resolve(import.meta.dirname, "../../src/llama/abi-layouts.ts");
const headers = ["ggml/include/ggml.h", "ggml/include/ggml-cpu.h", "ggml/include/ggml-backend.h", "include/llama.h"];
const sources = ["src/llama-model.cpp", "src/llama-context.cpp", "src/llama-quant.h", "src/llama-quant.cpp"];

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  console.error(messageOf(error));
  process.exitCode = 1;
}

function main(args: string[]): number {
  const check = args.includes("--check");
  const [from] = args.filter((arg) => !arg.startsWith("--"));
  if (!from) {
    console.error("usage: node dist/llama/abi.maintainer.js [--check] gitRelease.bundle | llama.cpp folder | llama.h");
    return 2;
  }
  const { directory, remove } = checkout(path.resolve(from));
  try {
    return update(directory, check);
  } finally {
    remove();
  }
}

function update(directory: string, check: boolean): number {
  const read = (file: string) => readFileSync(path.join(directory, file), "utf8");
  const header = parseHeaders(headers.map(read));
  const problems = checkFunctions(header, { ...llamaFunctions, ...ggmlFunctions, ...baseFunctions, ...cpuFunctions });
  const text = formatted(
    generateLayouts({
      version: versionOf(read("CMakeLists.txt")),
      header,
      sources: sources.map(readIfThere(directory)).join("\n"),
    }),
  );
  for (const problem of problems) console.error(problem);
  const same = readFileSync(layouts, "utf8") === text;
  if (check) console.log(same ? "abi-layouts.ts is up to date" : "abi-layouts.ts differs from the source: run without --check");
  else writeFileSync(layouts, text);
  console.log(`${Object.keys(llamaFunctions).length} functions of llama.h in use, ${problems.length} do not fit`);
  return problems.length === 0 && (same || !check) ? 0 : 1;
}

/** The folder of the source; a bundle is cloned to a temporary one. */
function checkout(from: string): { directory: string; remove: () => void } {
  const keep = () => undefined;
  if (statSync(from).isDirectory()) return { directory: from, remove: keep };
  if (path.basename(from) === "llama.h") return { directory: path.dirname(path.dirname(from)), remove: keep };
  const directory = mkdtempSync(path.join(os.tmpdir(), "puna-llama-"));
  const git = spawnSync("git", ["clone", "--quiet", "--config", "advice.detachedHead=false", from, directory], {
    encoding: "utf8",
  });
  if (git.status !== 0) throw new Error(`git could not read the bundle "${from}": ${git.stderr || messageOf(git.error)}`);
  return { directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

function readIfThere(directory: string): (file: string) => string {
  return (file) => {
    const full = path.join(directory, file);
    return statSync(full, { throwIfNoEntry: false }) ? readFileSync(full, "utf8") : "";
  };
}

function versionOf(cmake: string): string {
  const part = (name: string) => new RegExp(`LLAMA_VERSION_${name} (\\d+)`).exec(cmake)?.[1] ?? "?";
  return `${part("MAJOR")}.${part("MINOR")}.${part("PATCH")}`;
}

/** As Biome would write it, so that the file passes the lint. */
function formatted(text: string): string {
  const biome = path.resolve(import.meta.dirname, "../../node_modules/.bin/biome");
  const run = spawnSync(biome, ["format", "--stdin-file-path=src/llama/abi-layouts.ts"], { input: text, encoding: "utf8" });
  if (run.status !== 0) throw new Error(`biome could not format the layouts: ${run.stderr || messageOf(run.error)}`);
  return run.stdout;
}
