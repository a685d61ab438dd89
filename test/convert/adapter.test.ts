/** A LoRA adapter in safetensors against what peft computes with it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, it } from "vitest";
import { Batch } from "../../src/llama/batch.ts";
import { Context } from "../../src/llama/context.ts";
import { Lora } from "../../src/llama/lora.ts";
import { Model } from "../../src/llama/model.ts";
import { convertAdapter } from "../../src/models/convert/adapter.ts";
import { adapterBase } from "../../src/models/convert/adapter-base.ts";
import { convertFolder } from "../../src/models/convert/convert.ts";
import { readGguf } from "../../src/models/gguf/read.ts";
import { difference, filesOf, fixture } from "./fixtures.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "puna-adapter-"));
afterAll(() => rmSync(folder, { recursive: true }));

const base = path.join(folder, "base.gguf");
const output = path.join(folder, "lora.gguf");

it("gives the logits of the reference", async () => {
  await convertFolder({ files: filesOf("llama"), output: base, type: "F32" });
  await convertAdapter({ files: filesOf("lora"), output, base: adapterBase(await readGguf(base)) });
  const { cases } = JSON.parse(readFileSync(path.join(fixture("lora"), "expected.json"), "utf8"));
  using model = Model.load(base);
  using context = new Context(model, { cells: 256, batch: 256, kvType: "f32", flashAttention: false });
  using adapter = { lora: Lora.load(model, output), [Symbol.dispose]: () => context.setLoras([]) };
  context.setLoras([{ adapter: adapter.lora, scale: 1 }]);
  for (const { tokens, last } of cases) {
    using batch = new Batch(256);
    for (const [i, token] of tokens.entries()) batch.add(token, i, 0, i === tokens.length - 1);
    context.memory.clear();
    expect(context.decode(batch)).toBe(0);
    expect(difference(context.logits(-1), last)).toBeLessThan(0.002);
  }
});

it.each<[string, RegExp, (config: Record<string, unknown>) => object]>([
  ["no rank", /r is not a rank/, ({ r: _, ...config }) => config],
  ["DoRA", /DoRA adapters cannot be converted/, (config) => ({ ...config, use_dora: true })],
  ["uneven ranks", /ranks or alphas that differ/, (config) => ({ ...config, rank_pattern: { q_proj: 8 } })],
])("refuses %s", async (_, message, change) => {
  const config = JSON.parse(readFileSync(path.join(fixture("lora"), "adapter_config.json"), "utf8"));
  const file = path.join(folder, "adapter_config.json");
  writeFileSync(file, JSON.stringify(change(config)));
  const files = filesOf("lora").map((one) => (one.name === "adapter_config.json" ? { ...one, path: file } : one));
  const job = { files, output: path.join(folder, "never.gguf"), base: adapterBase(await readGguf(base)) };
  await expect(convertAdapter(job)).rejects.toThrow(message);
});

it("refuses an adapter for a model of other shapes", async () => {
  const other = path.join(folder, "other.gguf");
  await convertFolder({ files: filesOf("mistral"), output: other, type: "F16" });
  const job = { files: filesOf("lora"), output: path.join(folder, "never.gguf"), base: adapterBase(await readGguf(other)) };
  await expect(convertAdapter(job)).rejects.toThrow(/has the shape \[\d+,\d+\] where/);
  await expect(convertAdapter({ ...job, base: { architecture: "mamba", config: {} } })).rejects.toThrow(
    "unsupported architecture",
  );
});
