/** Where tensors lie in a GGUF file: sizes from shape and type, inside the file, aligned, none over another. */
import { tensorTypes } from "./file-types.ts";
import type { GgufTensor } from "./types.ts";

/** A tensor as the header states it. */
export interface TensorRecord {
  name: string;
  shape: number[];
  type: number;
  offset: number;
}

interface Place {
  dataOffset: number;
  alignment: number;
  fileSize: number;
  /** Makes the error that is thrown. */
  fault: (problem: string) => Error;
}

/** Tensors in file order of the header, with their sizes. */
export function placeTensors(records: TensorRecord[], place: Place): GgufTensor[] {
  const tensors = records.map((record) => measure(record, place));
  const byOffset = [...tensors].sort((a, b) => a.offset - b.offset);
  for (const [i, tensor] of byOffset.entries()) {
    const before = byOffset[i - 1];
    if (before && before.offset + before.size > tensor.offset) {
      throw place.fault(`tensors "${before.name}" and "${tensor.name}" overlap at offset ${tensor.offset}`);
    }
  }
  return tensors;
}

function measure(record: TensorRecord, { dataOffset, alignment, fileSize, fault }: Place): GgufTensor {
  const { name, shape, offset } = record;
  const type = tensorTypes.get(record.type);
  if (!type) throw fault(`tensor "${name}" has the unknown type ${record.type}`);
  const elements = shape.reduce((product, size) => product * size, 1);
  // Types take at least 1/8 byte per element (Q1_0 and the like), so this bounds every product below 2^53.
  if (!(elements <= fileSize * 16)) throw fault(`tensor "${name}" has the shape [${shape}], more than the file holds`);
  if (elements === 0) throw fault(`tensor "${name}" is empty: its shape is [${shape}]`);
  if ((shape[0] ?? 1) % type.block !== 0) {
    throw fault(`tensor "${name}" of type ${type.name} has rows of ${shape[0]}, not a multiple of ${type.block}`);
  }
  const size = (elements / type.block) * type.bytes;
  if (offset % alignment !== 0) throw fault(`tensor "${name}" at offset ${offset} is not aligned to ${alignment}`);
  const end = dataOffset + offset + size;
  if (end > fileSize) {
    throw fault(`truncated: tensor "${name}" ends at byte ${end}, the file at ${fileSize}`);
  }
  return { name, shape, type: record.type, typeName: type.name, offset, size };
}
