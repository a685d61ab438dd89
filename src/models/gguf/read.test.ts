/** Reading of the real files in ../shared. */
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { readGguf } from "./read.ts";

const shared = path.resolve(import.meta.dirname, "../../../../shared/data");

describe.skipIf(!existsSync(shared))("real GGUF files (needs ../shared)", () => {
  it("reads a trained llama", async () => {
    const header = await readGguf(path.join(shared, "models/stories260K.gguf"));
    expect(header.architecture).toBe("llama");
    expect(header.metadata.get("llama.context_length")).toBe(2048);
    const tokens = header.metadata.get("tokenizer.ggml.tokens");
    expect(tokens).toMatchObject({ length: 512 });
    expect(header.tensors.find((tensor) => tensor.name === "token_embd.weight")).toMatchObject({
      shape: [64, 512],
      typeName: "F32",
    });
  });

  it("reads every file, whole vocabularies too", async () => {
    for (const folder of ["models", "vocab"]) {
      for (const name of readdirSync(path.join(shared, folder)).filter((file) => file.endsWith(".gguf"))) {
        const file = path.join(shared, folder, name);
        const cut = await readGguf(file, { maxArray: 3 });
        const whole = await readGguf(file, { maxArray: Number.POSITIVE_INFINITY });
        expect(whole.architecture, name).not.toBe("");
        expect([...whole.metadata.keys()], name).toEqual([...cut.metadata.keys()]);
        expect(whole.tensors, name).toEqual(cut.tensors);
      }
    }
  });
});
