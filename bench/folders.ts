/** Where the bench keeps things: beside its sources, outside version control. */
import { fileURLToPath } from "node:url";

export const modelFolder = fileURLToPath(new URL("../models", import.meta.url));
export const resultFolder = fileURLToPath(new URL("../results", import.meta.url));
export const bundledModel = fileURLToPath(new URL("../../models/mini/mini.gguf", import.meta.url));
