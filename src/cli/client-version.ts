/** The version of this command line, from the package it is installed with. */
import { readFileSync } from "node:fs";

const manifest: { version: string } = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));

export const clientVersion = manifest.version;
