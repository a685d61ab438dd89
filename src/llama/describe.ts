/**
 * What builds of llama.cpp there are, as one JSON object on stdout: `node dist/llama/describe.js [folder of one's own build]`.
 * A process of its own for `puna doctor`, since a broken native library can end the process that loads it.
 */
import { messageOf } from "../errors.ts";
import { type BuildReport, describeBuilds } from "./builds.ts";
import { type Library, openLibrary } from "./library.ts";

interface Description {
  library?: Pick<Library, "version" | "directory" | "variant" | "kernelBuild" | "gpus">;
  builds: BuildReport[];
  /** Why no build could be opened. */
  error?: string;
}

process.stdout.write(`${JSON.stringify(describe(process.argv[2] || undefined))}\n`);

function describe(path: string | undefined): Description {
  try {
    const library = openLibrary({ path });
    const { version, directory, variant, kernelBuild, gpus } = library;
    return { library: { version, directory, variant, kernelBuild, gpus }, builds: describeBuilds({ path }, library) };
  } catch (error) {
    return { builds: describeBuilds({ path }), error: messageOf(error) };
  }
}
