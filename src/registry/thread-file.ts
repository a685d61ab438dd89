/** Where the code of a thread is: compiled, since Node 20 runs no TypeScript. From the sources (in tests) the build's own is taken. */
import { fileURLToPath } from "node:url";

export function threadFile(name: "download-thread" | "hash-thread"): string {
  return fileURLToPath(new URL(`./${name}.js`, import.meta.url)).replace(/([\\/])src([\\/]registry[\\/])/, "$1dist$2");
}
