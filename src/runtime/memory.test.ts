import { expect, test } from "vitest";
import { fakeModel } from "../../test/fixtures/models.ts";
import { readConfig } from "../config.ts";
import type { GgufHeader, GgufValue } from "../models/gguf/types.ts";
import { type MemoryQuestion, planMemory } from "./memory.ts";
import { shapeFor } from "./plan.ts";

const GB = 1e9;

/** A llama-shaped header with 4 GB of weights and 128 KiB of KV a cell. */
const numbers = {
  block_count: 32,
  context_length: 131_072,
  embedding_length: 4096,
  feed_forward_length: 14_336,
  "attention.head_count": 32,
  "attention.head_count_kv": 8,
};
const metadata = new Map<string, GgufValue>(Object.entries(numbers).map(([key, value]) => [`llama.${key}`, value]));
const tensor = { name: "w", shape: [1], type: 2, typeName: "Q4_0", offset: 0, size: 4 * GB };
const header = {
  path: "",
  version: 3,
  fileSize: 4 * GB,
  alignment: 32,
  dataOffset: 0,
  metadata,
  metadataTypes: new Map(),
  tensors: [tensor],
  architecture: "llama",
  parameters: 7e9,
} satisfies GgufHeader;

function ask(more: Partial<MemoryQuestion>, free: number) {
  return planMemory(
    {
      model: fakeModel("big", { header }),
      numCtx: 8192,
      numCtxIsAutomatic: false,
      config: readConfig({}),
      promisedBytes: 0,
      ...more,
    },
    free,
  );
}

test("what fits has room for more than one request", () => {
  const plan = ask({}, 16 * GB);
  expect(plan).toMatchObject({ numCtx: 8192, shortBytes: 0, problem: "", kvBytesPerCell: 131_072 });
  const shape = shapeFor({ model: fakeModel("big"), ...plan });
  expect(shape.sequences).toBe(8);
  expect(shape.cells).toBe(8192 * 4);
});

test("with less memory the shared cache is smaller, but never below one request", () => {
  const plan = ask({}, 7 * GB);
  expect(plan.shortBytes).toBe(0);
  const { cells } = shapeFor({ model: fakeModel("big"), ...plan });
  expect(cells).toBeGreaterThanOrEqual(8192);
  expect(cells).toBeLessThan(8192 * 4);
});

test("what does not fit is said in one sentence with numbers and a remedy", () => {
  const plan = ask({ numCtx: 65_536 }, 8 * GB);
  expect(plan.shortBytes).toBeGreaterThan(0);
  expect(plan.problem).toMatch(
    /^model requires more system memory than is available: model "big:latest" needs [\d.]+ GB \(.*\) but 8\.0 GB are free; use num_ctx of at most \d+/,
  );
});

test("a context that nobody asked for gives way", () => {
  const plan = ask({ numCtx: 65_536, numCtxIsAutomatic: true }, 8 * GB);
  expect(plan).toMatchObject({ shortBytes: 0, problem: "" });
  expect(plan.numCtx).toBeLessThan(65_536);
  expect(plan.numCtx).toBeGreaterThanOrEqual(1024);
});

test("memory that another load will take is not there", () => {
  expect(ask({ promisedBytes: 12 * GB }, 16 * GB).shortBytes).toBeGreaterThan(0);
});

test("embedding models read whole texts at once", () => {
  const model = fakeModel("vectors", { capabilities: ["embedding"] });
  expect(shapeFor({ model, numCtx: 512, kvBytesPerCell: 0, kvBudgetBytes: 0 })).toEqual({
    cells: 2048,
    sequences: 64,
    batch: 2048,
  });
});
