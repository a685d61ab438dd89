/**
 * A folder of safetensors into one GGUF file. Streams: besides the tokenizer, never more than a block of one tensor is in
 * memory. Takes long and computes much, so that the server runs it in a thread of its own (in-thread.ts).
 */
import { type FileHandle, open } from "node:fs/promises";
import { Invalid } from "../../errors.ts";
import { tensorTypes } from "../gguf/file-types.ts";
import { type Entry, type TensorInput, writeGguf } from "../gguf/write.ts";
import { findArchitecture } from "./architectures/index.ts";
import { readCheckpoint } from "./checkpoint.ts";
import { ModelConfigFile } from "./config.ts";
import { encodeTensor, type Open } from "./encode.ts";
import { ModelFolder, type NamedFile } from "./folder.ts";
import { f32, present, text, u32 } from "./metadata.ts";
import { bytesOf, type Float } from "./numbers.ts";
import { type PlannedTensor, planTensors } from "./plan.ts";
import type { SourceTensor } from "./safetensors.ts";
import { tokenizerEntries } from "./tokenizer/index.ts";

export interface ConvertJob {
  files: NamedFile[];
  /** Where the GGUF is to be; the file must not be there. */
  output: string;
  /** Of the matrices; vectors are always float32. */
  type: Float;
  /** `general.name`, when config.json has no better one. */
  name?: string;
}

/** llama.h's ftype. */
const fileTypes: Record<Float, number> = { F32: 0, F16: 1, BF16: 32 };
const tensorType = (name: Float) => [...tensorTypes].find(([, type]) => type.name === name)?.[0] ?? 0;

/** Throws Invalid, with one clear sentence, for a folder that cannot be converted. `onProgress` gets bytes written and in all. */
export async function convertFolder(
  job: ConvertJob,
  onProgress: (done: number, total: number) => void = () => {},
): Promise<void> {
  const folder = new ModelFolder(job.files);
  const config = await ModelConfigFile.read(folder);
  const architecture = findArchitecture(config.architecture);
  const metadata = architecture.metadata(config);
  const checkpoint = renamed(await readCheckpoint(folder), architecture.rename);
  const rows = architecture.rows(config, (name) => checkpoint.has(name));
  const planned = planTensors(rows, checkpoint, architecture.ignore);
  const entries: Entry[] = [
    text("general.architecture", architecture.gguf),
    text("general.type", "model"),
    text("general.name", nameOf(config) ?? job.name ?? architecture.gguf),
    u32("general.file_type", fileTypes[job.type]),
    u32("general.quantization_version", 2),
    ...samplingEntries(await folder.json("generation_config.json")),
    ...metadata,
    ...((await architecture.pooling?.(folder)) ?? []),
    ...(await tokenizerEntries(folder, config, architecture.vocabularySize(config))),
  ];
  const files = new Map<string, Promise<FileHandle>>();
  const opened: Open = async (path) => {
    const handle = files.get(path) ?? open(path, "r");
    files.set(path, handle);
    return await handle;
  };
  try {
    const computed = architecture.computed?.(config) ?? [];
    const tensors: TensorInput[] = [
      ...computed.map(({ name, values }) => ({ name, shape: [values.length], type: 0, data: new Uint8Array(values.buffer) })),
      ...planned.map((tensor) => tensorInput(tensor, job.type, opened)),
    ];
    await writeGguf(job.output, { metadata: once(entries), tensors: counted(tensors, onProgress) });
  } finally {
    for (const handle of await Promise.allSettled(files.values())) if (handle.status === "fulfilled") await handle.value.close();
  }
}

/** A planned tensor as the writer wants it: innermost dimension first, numbers when they are asked for. */
export function tensorInput(tensor: PlannedTensor, wanted: Float, opened: Open): TensorInput {
  const type = tensor.exact ? "F32" : wanted;
  const shape = [...tensor.shape].reverse();
  const size = shape.reduce((product, count) => product * count, bytesOf[type]);
  return { name: tensor.name, shape, type: tensorType(type), data: { size, chunks: () => encodeTensor(tensor, type, opened) } };
}

/** Tells how far the writer got. */
function counted(tensors: TensorInput[], onProgress: (done: number, total: number) => void): TensorInput[] {
  const total = tensors.reduce((sum, { data }) => sum + (data instanceof Uint8Array ? data.length : data.size), 0);
  let done = 0;
  return tensors.map((tensor) => {
    const { data } = tensor;
    if (data instanceof Uint8Array || !("chunks" in data)) return tensor;
    const chunks = async function* () {
      for await (const chunk of data.chunks()) {
        yield chunk;
        done += chunk.length;
        onProgress(done, total);
      }
    };
    return { ...tensor, data: { size: data.size, chunks } };
  });
}

/** The checkpoint under the names that the architecture's map has. */
function renamed(checkpoint: Map<string, SourceTensor>, rename: (name: string) => string = (name) => name) {
  const tensors = new Map<string, SourceTensor>();
  for (const [name, tensor] of checkpoint) {
    const own = rename(name);
    const other = tensors.get(own);
    if (other) throw new Invalid(`the tensors "${other.name}" and "${name}" are one and the same in this architecture`);
    tensors.set(own, tensor);
  }
  return tensors;
}

function nameOf(config: ModelConfigFile): string | undefined {
  const name = config.value("_name_or_path");
  // Some hold the folder of whoever published them; the last part is the model's name.
  const last = typeof name === "string" ? name.split("/").at(-1) : undefined;
  return last || undefined;
}

/** What the publisher would sample with, under llama.cpp's names. */
function samplingEntries(generation: Record<string, unknown> | undefined): Entry[] {
  const number = (key: string) => (typeof generation?.[key] === "number" ? generation[key] : undefined);
  const [temperature, topP, minP, topK] = [number("temperature"), number("top_p"), number("min_p"), number("top_k")];
  return present(
    temperature === undefined ? undefined : f32("general.sampling.temp", temperature),
    topP === undefined ? undefined : f32("general.sampling.top_p", topP),
    minP === undefined ? undefined : f32("general.sampling.min_p", minP),
    topK === undefined || !Number.isInteger(topK) ? undefined : { key: "general.sampling.top_k", type: 5, value: topK },
  );
}

/** Of entries with the same key the last. */
function once(entries: Entry[]): Entry[] {
  return [...new Map(entries.map((entry) => [entry.key, entry])).values()];
}
