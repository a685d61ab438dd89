/** Finds builds of llama.cpp on this machine: a folder of one's own, or the pinned npm packages, by platform and variant. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { Failed } from "../errors.ts";

export type Variant = "cpu" | "cuda" | "vulkan" | "metal";

/** The version of the platform packages that `abi-layouts.ts` belongs to. */
const packageVersion = "3.22.1";

/** Files of one build. `backends` are loaded by ggml itself, the best CPU kernel build first. */
export interface Build {
  directory: string;
  /** The npm package it came from; undefined for a folder of one's own. */
  package: string | undefined;
  variant: Variant;
  llama: string;
  ggml: string;
  base: string;
}

interface Machine {
  platform: string;
  arch: string;
}

/** Packages that can serve this machine, the plain one first, then GPU builds by preference. Empty where none is published. */
export function platformPackages({ platform, arch }: Machine = process): { name: string; variant: Variant }[] {
  const of = (name: string, variant: Variant) => ({ name: `@node-llama-cpp/${name}`, variant });
  switch (`${platform}-${arch}`) {
    case "linux-x64":
      return [of("linux-x64", "cpu"), of("linux-x64-cuda", "cuda"), of("linux-x64-vulkan", "vulkan")];
    case "linux-arm64":
      return [of("linux-arm64", "cpu")];
    case "linux-arm":
      return [of("linux-armv7l", "cpu")];
    case "darwin-arm64":
      return [of("mac-arm64-metal", "metal")];
    case "darwin-x64":
      return [of("mac-x64", "cpu")];
    case "win32-x64":
      return [of("win-x64", "cpu"), of("win-x64-cuda", "cuda"), of("win-x64-vulkan", "vulkan")];
    case "win32-arm64":
      return [of("win-arm64", "cpu")];
    default:
      return [];
  }
}

/** The one command that installs a package of the pinned version. */
export function installCommand(name: string): string {
  return `npm install ${name}@${packageVersion}`;
}

/** What decides which build is used. */
export interface BuildChoice {
  /** Folder of a build of one's own; it wins over packages. */
  path?: string | undefined;
  variant?: Variant | undefined;
}

/**
 * The build to use: the folder at `path`, else the package of `variant`, else an installed GPU package of this platform (it works without a
 * GPU, too), else its plain package. Throws `Failed` with the remedy when there is none.
 */
export function findBuild(choice: BuildChoice = {}, machine: Machine = process, bins = packageBins): Build {
  if (choice.path) return readBuild(choice.path, choice.variant);
  const packages = platformPackages(machine);
  const [plain] = packages;
  const where = `${machine.platform} ${machine.arch}`;
  const wanted = choice.variant
    ? packages.filter((one) => one.variant === choice.variant)
    : [...packages.slice(1), ...packages.slice(0, 1)];
  for (const { name, variant } of wanted) {
    const directory = bins(name);
    if (directory) return { ...readBuild(directory, variant), package: name };
  }
  const missing = choice.variant ? wanted[0] : plain;
  if (!missing) {
    const kind = choice.variant ? `${choice.variant} build` : "build";
    throw new Failed(
      `no ${kind} of llama.cpp is published for ${where}: point PUNA_LLAMA_LIB at the folder of a build of your own`,
    );
  }
  throw new Failed(`the llama.cpp build for ${where} is not installed (${missing.name}): run ${installCommand(missing.name)}`);
}

/** The folder of libraries of an installed package, or undefined. */
export function packageBins(name: string): string | undefined {
  const short = name.slice(name.indexOf("/") + 1);
  try {
    // The package exports its entry only, and `bins/` stands beside the entry's folder.
    const entry = createRequire(import.meta.url).resolve(name);
    const directory = path.join(path.dirname(entry), "..", "bins", short);
    return existsSync(directory) ? directory : undefined;
  } catch {
    return undefined;
  }
}

/** Resolves the three libraries in a folder. File names carry the version, and sometimes the variant: libllama.cuda.v0.5.0.so. */
export function readBuild(directory: string, variant?: Variant): Build {
  if (!existsSync(directory) || !statSync(directory).isDirectory()) {
    throw new Failed(`no llama.cpp libraries: "${directory}" is not a folder`);
  }
  const files = readdirSync(directory);
  const library = (name: string): string => {
    const file = pickLibrary(files, name);
    if (!file) throw new Failed(`no llama.cpp build in "${directory}": lib${name} is missing`);
    return path.join(path.resolve(directory), file);
  };
  return {
    directory: path.resolve(directory),
    package: undefined,
    variant: variant ?? (["cuda", "vulkan", "metal"] as const).find((gpu) => pickLibrary(files, `ggml-${gpu}`)) ?? "cpu",
    llama: library("llama"),
    ggml: library("ggml"),
    base: library("ggml-base"),
  };
}

/** The file of a library among `files`: libllama.so, libllama.v0.5.0.so, libllama.cuda.v0.5.0.so, libllama.0.dylib, llama.dll. The shortest name wins. */
export function pickLibrary(files: readonly string[], name: string): string | undefined {
  const pattern = new RegExp(
    `^(?:lib)?${name}(?:\\.(?:cpu|cuda|vulkan|metal))?(?:\\.v?\\d+(?:\\.\\d+)*)?\\.(?:so(?:\\.\\d+)*|dylib|dll)$`,
  );
  return files.filter((file) => pattern.test(file)).sort((a, b) => a.length - b.length)[0];
}
