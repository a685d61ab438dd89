/** Parts of a split model as llama.cpp reads them. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { Model } from "../../src/llama/model.ts";
import { convertFolder } from "../../src/models/convert/convert.ts";
import { splitGguf } from "../../src/models/gguf/split.ts";
import { filesOf } from "./fixtures.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "puna-split-"));
afterAll(() => rmSync(folder, { recursive: true }));

it("llama.cpp loads the parts as one model", async () => {
  const file = path.join(folder, "m.gguf");
  await convertFolder({ files: filesOf("llama"), output: file, type: "F16" });
  const [first = "", ...others] = await splitGguf(file, path.join(folder, "m"), 20_000);
  expect(others.length).toBeGreaterThan(1);
  using whole = Model.load(file);
  using parts = Model.load(first);
  expect(parts.parameters).toBe(whole.parameters);
  expect(parts.sizeBytes).toBe(whole.sizeBytes);
});
