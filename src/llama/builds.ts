/** What `puna doctor` says about builds of llama.cpp: which were found, which is used, and why not another. */
import { readdirSync } from "node:fs";
import path from "node:path";
import koffi from "koffi";
import { messageOf } from "../errors.ts";
import {
  type BuildChoice,
  findBuild,
  installCommand,
  packageBins,
  platformPackages,
  readBuild,
  type Variant,
} from "./discover.ts";
import type { Library } from "./library.ts";

/** One file of CPU kernels, made for one generation of processors. */
interface KernelReport {
  file: string;
  /** ggml's own rating on this processor; 0 means that it cannot run here. Undefined where the file gives none. */
  score: number | undefined;
  inUse: boolean;
}

export interface BuildReport {
  name: string;
  variant: Variant;
  directory?: string;
  state: "in use" | "installed" | "missing" | "unusable";
  /** One line: why it is (not) used, and what to do. */
  note: string;
  /** The command that installs a missing one. */
  install?: string;
  kernels: KernelReport[];
}

/** Every build that could serve this machine. `library` is the one in use, if one could be opened. */
export function describeBuilds(choice: BuildChoice = {}, library?: Library): BuildReport[] {
  const used = choice.path ? undefined : attempt(() => findBuild(choice)).value?.package;
  const packages = platformPackages().map(({ name, variant }) => {
    const directory = packageBins(name);
    if (!directory) return missing(name, variant);
    return describe(name, variant, directory, name === used, library, choice);
  });
  if (!choice.path) return packages;
  return [describe(choice.path, library?.variant ?? "cpu", choice.path, true, library, choice), ...packages];
}

function describe(
  name: string,
  variant: Variant,
  directory: string,
  chosen: boolean,
  library: Library | undefined,
  choice: BuildChoice,
): BuildReport {
  const build = attempt(() => readBuild(directory, variant));
  const of = { name, variant, directory: path.resolve(directory) };
  if (!build.value) return { ...of, state: "unusable", note: build.problem, kernels: [] };
  const inUse = chosen && library?.directory === build.value.directory;
  const kernels = rateKernels(build.value.directory, inUse ? library?.kernelBuild : undefined);
  if (!chosen) return { ...of, state: "installed", note: whyNot(choice), kernels };
  if (!inUse || !library) return { ...of, state: "unusable", note: "chosen, but it could not be opened", kernels };
  return { ...of, state: "in use", note: [`llama.cpp ${library.version}`, ...gpuNotes(library)].join(", "), kernels };
}

function missing(name: string, variant: Variant): BuildReport {
  const note = variant === "cuda" || variant === "vulkan" ? "not installed; only worth it with a GPU" : "not installed";
  return { name, variant, state: "missing", note, install: installCommand(name), kernels: [] };
}

function whyNot(choice: BuildChoice): string {
  if (choice.path) return "PUNA_LLAMA_LIB points elsewhere";
  return choice.variant ? `the ${choice.variant} build was asked for` : "a GPU build is installed and preferred";
}

/** GPUs in use, or what keeps a GPU build from using one. */
function gpuNotes(library: Library): string[] {
  if (library.gpus.length > 0) return library.gpus.map((gpu) => `GPU ${gpu}`);
  if (library.variant === "cpu") return ["no GPU support in this build"];
  const file = readdirSync(library.directory).find((name) => name.includes(`ggml-${library.variant}.`));
  if (!file) return [`no GPU: there is no ggml-${library.variant} library in the folder`];
  const { problem } = attempt(() => koffi.load(path.join(library.directory, file)));
  return [`no GPU: ${problem || "the driver reports none"}`];
}

/** Scores of all CPU kernel files, best first. */
function rateKernels(directory: string, used: string | undefined): KernelReport[] {
  const files = readdirSync(directory).filter((file) => /^(?:lib)?ggml-cpu\b.*\.(?:so|dylib|dll)$/.test(file));
  const rated = files.map((file) => ({ file, score: scoreOf(path.join(directory, file)), inUse: file === used }));
  return rated.sort((a, b) => (b.score ?? 0) - (a.score ?? 0) || a.file.localeCompare(b.file));
}

/**
 * `ggml_backend_score` of a backend library: how well it suits this processor. It only looks at processor features.
 * Libraries stay loaded: ggml's start-up code ends the process when it is unloaded and loaded again.
 */
function scoreOf(file: string): number | undefined {
  return attempt(() => {
    const score: unknown = koffi.load(file).func("ggml_backend_score", "int", [])();
    return typeof score === "number" ? score : undefined;
  }).value;
}

function attempt<T>(work: () => T): { value: T | undefined; problem: string } {
  try {
    return { value: work(), problem: "" };
  } catch (error) {
    return { value: undefined, problem: messageOf(error) };
  }
}
