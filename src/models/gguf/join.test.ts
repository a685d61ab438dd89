import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { joinGguf } from "./join.ts";
import { readGguf } from "./read.ts";
import { type TensorInput, writeGguf } from "./write.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "puna-join-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let made = 0;
async function part(no: number, count: number, names: string[], { total = 3 } = {}): Promise<string> {
  const file = path.join(folder, `${made++}.gguf`);
  const tensors = names.map(
    (name): TensorInput => ({ name, shape: [8], type: 0, data: new Uint8Array(32).fill(name.charCodeAt(0)) }),
  );
  await writeGguf(file, {
    metadata: [
      ...(no === 0 ? [{ key: "general.architecture", type: 8, value: "llama" }] : []),
      { key: "split.no", type: 2, value: no },
      { key: "split.count", type: 2, value: count },
      { key: "split.tensors.count", type: 5, value: total },
    ],
    tensors,
  });
  return file;
}

test("parts in any order become the model", async () => {
  const parts = [await part(1, 2, ["c"]), await part(0, 2, ["a", "b"])];
  const output = path.join(folder, "whole.gguf");
  await joinGguf(parts, output);
  const header = await readGguf(output);
  expect(header.tensors.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  expect([...header.metadata.keys()]).toEqual(["general.architecture"]);
});

test.each([
  ["a part is missing", async () => [await part(0, 2, ["a"])], "a model of 2 parts cannot be joined from 1"],
  ["a part twice", async () => [await part(0, 2, ["a"]), await part(0, 2, ["b"])], "part 2 of 2 is missing"],
  ["a tensor twice", async () => [await part(0, 2, ["a"]), await part(1, 2, ["a"])], 'tensor "a" is in two parts'],
  ["too few tensors", async () => [await part(0, 2, ["a"]), await part(1, 2, ["b"])], "the parts hold 2 tensors of 3"],
  ["no split file", async () => [path.join(folder, "whole.gguf")], "a model of an unknown number of parts"],
  ["nothing", async () => [], "there are no parts"],
])("%s", async (_, parts, message) => {
  await expect(joinGguf(await parts(), path.join(folder, "never.gguf"))).rejects.toThrow(message);
});
