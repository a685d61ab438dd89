import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { embeddings, metadata } from "../../../test/models/workbench.ts";
import { joinGguf } from "./join.ts";
import { readGguf } from "./read.ts";
import { splitGguf } from "./split.ts";
import { writeGguf } from "./write.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-split-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function whole(): Promise<string> {
  const file = path.join(folder, "m.gguf");
  const tensors = ["token_embd.weight", "a", "b", "c"].map((name, i) => ({
    ...embeddings,
    name,
    data: new Uint8Array(48).fill(i),
  }));
  await writeGguf(file, { metadata, tensors });
  return file;
}

describe("splitGguf", () => {
  it("gives parts that join to the same model", async () => {
    const parts = await splitGguf(await whole(), path.join(folder, "m"), 100);
    expect(parts.map((part) => path.basename(part))).toEqual(["m-00001-of-00002.gguf", "m-00002-of-00002.gguf"]);
    const headers = await Promise.all(parts.map((part) => readGguf(part)));
    expect(headers.map(({ tensors }) => tensors.map(({ name }) => name))).toEqual([
      ["token_embd.weight", "a"],
      ["b", "c"],
    ]);
    expect(headers[1]?.metadata.get("general.architecture")).toBeUndefined();
    const joined = path.join(folder, "joined.gguf");
    await joinGguf(parts, joined);
    const [before, after] = [await readGguf(path.join(folder, "m.gguf")), await readGguf(joined)];
    expect([...after.metadata]).toEqual([...before.metadata]);
    expect(after.tensors).toEqual(before.tensors);
  });

  it("puts a tensor that is too large into a part of its own", async () => {
    expect(await splitGguf(await whole(), path.join(folder, "m"), 1)).toHaveLength(4);
  });

  it("refuses what needs no parts, and parts", async () => {
    const file = await whole();
    await expect(splitGguf(file, path.join(folder, "m"), 1e6)).rejects.toThrow("one part would hold all of it");
    const [first = ""] = await splitGguf(file, path.join(folder, "m"), 100);
    await expect(splitGguf(first, path.join(folder, "n"), 10)).rejects.toThrow("is a part of a split model itself");
  });

  it("leaves nothing behind when a part is there already, and does not touch it", async () => {
    const file = await whole();
    writeFileSync(path.join(folder, "m-00002-of-00002.gguf"), "mine");
    await expect(splitGguf(file, path.join(folder, "m"), 100)).rejects.toThrow("EEXIST");
    expect(readdirSync(folder).sort()).toEqual(["m-00002-of-00002.gguf", "m.gguf"]);
  });
});
