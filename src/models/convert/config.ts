/** config.json of a model folder, read with the names that different model families gave to the same things. */
import { Invalid } from "../../errors.ts";
import { isRecord } from "../manifest.ts";
import type { Json, ModelFolder } from "./folder.ts";

const FILE = "config.json";

export class ModelConfigFile {
  /** The first of `architectures`, such as `LlamaForCausalLM`. */
  readonly architecture: string;
  readonly #values: Json;

  constructor(values: Json) {
    const names = values.architectures;
    const first = Array.isArray(names) ? names[0] : undefined;
    if (typeof first !== "string") throw new Invalid(`"${FILE}" does not say which architecture the model has (architectures)`);
    this.architecture = first;
    // Models that also see keep the numbers of their language part one level down.
    this.#values = isRecord(values.text_config) ? { ...values, ...values.text_config } : values;
  }

  static async read(folder: ModelFolder): Promise<ModelConfigFile> {
    const values = await folder.json(FILE);
    if (!values) throw new Invalid(`"${FILE}" is missing; a model folder has it beside the safetensors files`);
    if (isRecord(values.quantization_config)) {
      const method = values.quantization_config.quant_method;
      throw new Invalid(
        `the model is quantised already (${typeof method === "string" ? method : "quantization_config"}); convert the one it was made from`,
      );
    }
    return new ModelConfigFile(values);
  }

  value(key: string): unknown {
    return this.#values[key] ?? undefined;
  }

  /** The first of these that is there. Throws Invalid when it is no number. */
  optional(...keys: string[]): number | undefined {
    for (const key of keys) {
      const value = this.value(key);
      if (value === undefined) continue;
      if (typeof value !== "number" || !Number.isFinite(value)) throw new Invalid(`"${FILE}": ${key} is not a number`);
      return value;
    }
    return undefined;
  }

  /** As `optional`, but throws Invalid when none is there. */
  number(...keys: string[]): number {
    const value = this.optional(...keys);
    if (value === undefined) throw new Invalid(`"${FILE}" lacks ${keys[0]}`);
    return value;
  }

  /** A count or size: a whole number from 1 to 2^24. */
  size(...keys: string[]): number {
    return this.#checkSize(this.number(...keys), keys[0] ?? "");
  }

  optionalSize(...keys: string[]): number | undefined {
    const value = this.optional(...keys);
    return value === undefined ? undefined : this.#checkSize(value, keys[0] ?? "");
  }

  flag(key: string): boolean {
    return this.value(key) === true;
  }

  /** Throws Invalid unless the value is missing or one of these: the conversion would be wrong without a word. */
  demand(key: string, ...allowed: unknown[]): void {
    const value = this.value(key);
    if (value === undefined || allowed.includes(value)) return;
    throw new Invalid(
      `"${FILE}": ${key} is ${JSON.stringify(value)}, which cannot be converted (only ${allowed.map(String).join(", ")})`,
    );
  }

  #checkSize(value: number, key: string): number {
    if (Number.isInteger(value) && value >= 1 && value <= 2 ** 24) return value;
    throw new Invalid(`"${FILE}": ${key} is ${value}, outside 1 to ${2 ** 24}`);
  }
}
