/** Entry of a process that quantises one file and ends: `quantize-child.js <input> <output> <type> <threads>`. A fault goes to stdout as JSON. */
import { messageOf, PunaError } from "../errors.ts";
import { openLibrary, quantize } from "../llama/index.ts";

const [input = "", output = "", type = "", threads = "1"] = process.argv.slice(2);

try {
  const library = openLibrary({ path: process.env.PUNA_LLAMA_LIB || undefined });
  quantize(input, output, { type, threads: Number(threads), library });
} catch (error) {
  const status = error instanceof PunaError ? error.status : 500;
  process.stdout.write(JSON.stringify({ message: messageOf(error), status }), () => process.exit(1));
}
