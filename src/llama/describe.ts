/** Prints, as one line of JSON, which builds of llama.cpp this machine has and what the one in use can do. Run by `puna doctor` in a child. */
import { existsSync, readdirSync } from "node:fs";
import { messageOf } from "../errors.ts";
import { installCommand, packageBins, platformPackages } from "./discover.ts";
import { openLibrary } from "./library.ts";

/** The only argument is the folder of a build of one's own, or nothing. */
function describe(path: string | undefined) {
  const packages = platformPackages().map(({ name, variant }) => ({
    name,
    variant,
    installed: packageBins(name) !== undefined,
    install: installCommand(name),
  }));
  try {
    const { version, directory, variant, kernelBuild, gpus } = openLibrary({ path });
    const files = existsSync(directory) ? readdirSync(directory) : [];
    const cpuBuilds = files.filter((file) => /^(?:lib)?ggml-cpu-/.test(file)).sort();
    return { packages, library: { version, directory, variant, kernelBuild, gpus, cpuBuilds } };
  } catch (error) {
    return { packages, error: messageOf(error) };
  }
}

process.stdout.write(`${JSON.stringify(describe(process.argv[2] || undefined))}\n`);
