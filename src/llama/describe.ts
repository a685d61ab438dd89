/** Prints, as one line of JSON, which builds of llama.cpp this machine has and what the one in use can do. Run by `puna doctor` in a child. */
import { messageOf } from "../errors.ts";
import { describeBuilds } from "./builds.ts";
import { installCommand, packageBins, platformPackages } from "./discover.ts";
import { openLibrary } from "./library.ts";

/** `path` is the folder of a build of one's own, if there is one. */
function describe(path: string | undefined) {
  const named = (builds: ReturnType<typeof describeBuilds>) =>
    builds.map((build) => ({ ...build, install: build.state === "missing" ? installCommand(build.name) : undefined }));
  try {
    const library = openLibrary({ path });
    const { version, directory, variant, kernelBuild, gpus } = library;
    return { library: { version, directory, variant, kernelBuild, gpus }, builds: named(describeBuilds({ path }, library)) };
  } catch (error) {
    return { error: messageOf(error), builds: named(packages()) };
  }
}

/** The packages without a look inside: rating kernels needs an open library, ggml aborts when its base is loaded twice. */
function packages(): ReturnType<typeof describeBuilds> {
  return platformPackages().map(({ name, variant }) => {
    const state = packageBins(name) ? "installed" : "missing";
    return { name, variant, state, note: "", kernels: [] };
  });
}

process.stdout.write(`${JSON.stringify(describe(process.argv[2] || undefined))}\n`);
