/** Pictures and recordings named in a prompt. Puna cannot read them yet, and says so instead of passing the file name on as words. */
import { existsSync } from "node:fs";
import { Invalid } from "../../errors.ts";

/** A path with a slash in it: in quotes, where it may hold spaces, or with its spaces escaped as a shell does. */
const FILE =
  /(["'])(?<quoted>(?:[a-z]:)?(?:(?!\1).)*?[/\\](?:(?!\1).)+\.(?:jpe?g|png|webp|wav))\1|(?:[a-z]:)?(?:\.{0,2}\/|\\)(?:\\ |[^\s'"])+\.(?:jpe?g|png|webp|wav)\b/gi;

/** Throws Invalid when the prompt names a picture that exists and the model is one that could see it. */
export function refuseImages(prompt: string, capabilities: string[], exists: (file: string) => boolean = existsSync): void {
  if (!capabilities.includes("vision") && !capabilities.includes("audio")) return;
  for (const { 0: found, groups } of prompt.matchAll(FILE)) {
    const file = groups?.quoted ?? found.replace(/\\ /g, " ");
    if (exists(file)) throw new Invalid(`Puna cannot read images or sound yet: leave '${file}' out of the prompt`);
  }
}
