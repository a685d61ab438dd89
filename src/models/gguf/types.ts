/** The header of a GGUF file. Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md */

export type GgufScalar = number | bigint | boolean | string;
/** An array that is too long to be kept is cut; `length` is the file's own. */
export interface GgufArray {
  type: number;
  length: number;
  items: GgufScalar[] | GgufArray[];
}
export type GgufValue = GgufScalar | GgufArray;

export interface GgufTensor {
  name: string;
  /** Dimensions, innermost first, as in the file. */
  shape: number[];
  /** ggml type id and its name, such as `Q4_K`. */
  type: number;
  typeName: string;
  /** Bytes from the start of the tensor data. */
  offset: number;
  size: number;
}

export interface GgufHeader {
  path: string;
  version: number;
  fileSize: number;
  alignment: number;
  /** Where tensor data begins. */
  dataOffset: number;
  metadata: Map<string, GgufValue>;
  /** ggml value type id of each metadata key, so that a header can be written back. */
  metadataTypes: Map<string, number>;
  tensors: GgufTensor[];
  architecture: string;
  parameters: number;
}
