/** llama.cpp's shared libraries, opened once per thread; its backends are loaded once per process. */
import path from "node:path";
import koffi from "koffi";
import { Failed, messageOf } from "../errors.ts";
import { bind, bindAddresses, type Functions, type Pointer, type Signature } from "./abi.ts";
import { checkDefaults } from "./abi-check.ts";
import { enums } from "./abi-layouts.ts";
import { capture, type LogLine, reasonIn, silent } from "./capture.ts";
import { type Build, type BuildChoice, findBuild, type Variant } from "./discover.ts";
import {
  type Base,
  baseFunctions,
  type Cpu,
  cpuFunctions,
  type Ggml,
  ggmlFunctions,
  type Llama,
  llamaFunctions,
} from "./functions.ts";
import { libraryOf } from "./system.ts";

const { GGML_BACKEND_DEVICE_TYPE_GPU, GGML_BACKEND_DEVICE_TYPE_IGPU } = enums.ggml_backend_dev_type;

/** An open build of llama.cpp. It stays open for the life of the process. */
export interface Library {
  /** As llama.cpp states it, such as "0.5.0-dev". */
  version: string;
  directory: string;
  variant: Variant;
  /** The CPU kernel build that ggml chose for this machine, such as "libggml-cpu-sapphirerapids.so". */
  kernelBuild: string;
  /** Names of the GPUs that this build can use. */
  gpus: string[];
  /** What llama.cpp gave as reasons the last time something failed on this thread. */
  lastErrors(): string[];
  /** Runs one call of the C API with its log heard, so that `reason` can name what went wrong. */
  hear<T>(work: () => T): { result: T; reason: string };
  llama: Llama;
  ggml: Ggml;
  base: Base;
  /** Functions of the CPU backend that was loaded. */
  cpu: Cpu;
}

const open = new Map<string, Library>();

/**
 * Opens the build at `path` (default: PUNA_LLAMA_LIB is the caller's to read; else the npm package of this platform and variant).
 * A process holds one build: its main thread opens it first, its workers then share the loaded backends.
 * Throws `Failed` when there is none, when it is not the pinned release, or when it does not load.
 */
export function openLibrary(options: BuildChoice = {}): Library {
  const first = open.values().next().value;
  if (first && !options.path && !options.variant) return first;
  const build = findBuild(options);
  const known = open.get(build.directory);
  if (known) return known;
  const library = load(build);
  open.set(build.directory, library);
  return library;
}

function load(build: Build): Library {
  const { base, ggml, llama } = loadFiles(build);
  let errors: string[] = [];
  const setLog = (callback: Pointer): void => llama.llama_log_set(callback, null);
  const hear = <T>(work: () => T) => {
    const { result, lines } = capture(setLog, work);
    const failures = lines.filter((line) => line.level !== "info").map((line) => line.text.trim());
    if (failures.length > 0) errors = failures;
    return { result, reason: reasonIn(lines) };
  };
  setLog(silent);
  checkDefaults(llama, build.llama);
  const said = loadBackends(build, ggml, setLog);
  const registry = findCpu(ggml, base);
  if (!registry) {
    throw new Failed(`no CPU kernels could be loaded from "${build.directory}" (${reasonIn(said) || "no libggml-cpu library"})`);
  }
  const addressOf = (name: string): Pointer => {
    const address = base.ggml_backend_reg_get_proc_address(registry, name);
    if (!address) throw new Failed(`the CPU kernels in "${build.directory}" have no function ${name}`);
    return address;
  };
  return {
    version: llama.llama_version() ?? "",
    directory: build.directory,
    variant: build.variant,
    kernelBuild: path.basename(libraryOf(addressOf("ggml_threadpool_new")) ?? loadedFile(said) ?? "unknown"),
    gpus: listGpus(ggml, base),
    lastErrors: () => errors,
    hear,
    llama,
    ggml,
    base,
    cpu: bindAddresses(addressOf, cpuFunctions),
  };
}

/** In the order of their dependencies: a build without a run path then finds each already loaded. */
function loadFiles(build: Build): { base: Base; ggml: Ggml; llama: Llama } {
  const base = loadFile(build.base, baseFunctions);
  const ggml = loadFile(build.ggml, ggmlFunctions);
  return { base, ggml, llama: loadFile(build.llama, llamaFunctions) };
}

function loadFile<T extends Record<string, Signature>>(file: string, table: T): Functions<T> {
  try {
    return bind(koffi.load(file), table);
  } catch (error) {
    throw new Failed(`llama.cpp's library "${file}" cannot be used: ${messageOf(error)}`, { cause: error });
  }
}

function loadBackends(build: Build, ggml: Ggml, setLog: (callback: Pointer) => void): LogLine[] {
  // Another thread of this process has done it, or the build links its backends in.
  if (ggml.ggml_backend_dev_count() > 0) return [];
  return capture(setLog, () => ggml.ggml_backend_load_all_from_path(build.directory)).lines;
}

function findCpu(ggml: Ggml, base: Base): Pointer | undefined {
  for (let i = 0; i < ggml.ggml_backend_reg_count(); i++) {
    const registry = ggml.ggml_backend_reg_get(i);
    if (registry && base.ggml_backend_reg_name(registry) === "CPU") return registry;
  }
  return undefined;
}

function listGpus(ggml: Ggml, base: Base): string[] {
  const names: string[] = [];
  for (let i = 0; i < ggml.ggml_backend_dev_count(); i++) {
    const device = ggml.ggml_backend_dev_get(i);
    const type = base.ggml_backend_dev_type(device);
    if (type !== GGML_BACKEND_DEVICE_TYPE_GPU && type !== GGML_BACKEND_DEVICE_TYPE_IGPU) continue;
    names.push(`${base.ggml_backend_dev_name(device)}: ${base.ggml_backend_dev_description(device)}`);
  }
  return names;
}

function loadedFile(lines: readonly LogLine[]): string | undefined {
  return lines.map((line) => /loaded CPU backend from (.+)/.exec(line.text)?.[1]?.trim()).find(Boolean);
}
