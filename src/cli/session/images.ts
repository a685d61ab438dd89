/** Pictures and recordings named in a prompt. Puna cannot read them yet, and says so instead of passing the file name on as words. */
import { existsSync } from "node:fs";
import { Invalid } from "../../errors.ts";

const FILE = /(?:[a-z]:)?(?:\.{0,2}\/|\\)(?:\\ |[^\s'"])+\.(?:jpe?g|png|webp|wav)\b/gi;

/** Throws Invalid when the prompt names a picture that exists and the model is one that could see it. */
export function refuseImages(prompt: string, capabilities: string[], exists: (file: string) => boolean = existsSync): void {
  if (!capabilities.includes("vision") && !capabilities.includes("audio")) return;
  for (const [found] of prompt.matchAll(FILE)) {
    const file = found.replace(/\\ /g, " ");
    if (exists(file)) throw new Invalid(`Puna cannot read images or sound yet: leave '${file}' out of the prompt`);
  }
}
