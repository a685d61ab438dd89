/** POST /api/fit: which quantisations of a model, or of a number of parameters, fit this machine's memory. */
import type { Context } from "hono";
import { z } from "zod";
import { Invalid, NotFound } from "../../errors.ts";
import { parseName } from "../../models/name.ts";
import { availableMemory } from "../../runtime/available-memory.ts";
import { type FitTable, fitModel, fitSize } from "../../runtime/fit-table.ts";
import { readJson } from "../body.ts";
import type { Deps } from "../deps.ts";
import { json } from "../respond.ts";

const request = z.object({
  model: z.string().default(""),
  /** Bytes, of another machine than this. */
  memory: z.number().positive().finite().optional(),
});

export function whatFits({ store, config, runtime }: Deps) {
  return async (c: Context): Promise<Response> => {
    const { model, memory } = await readJson(c, request, "FitRequest");
    const freeBytes = memory ?? availableMemory() + loadedBytes(runtime);
    const name = parseName(model.trim());
    const found = name && (await store.find(name));
    if (found) {
      const { header } = await store.open(found);
      if (!header) throw new Invalid(`model '${model}' has no weights on this machine`);
      return json(c, body(model, fitModel(header, config, freeBytes), true));
    }
    const parameters = parseSize(model);
    if (parameters !== undefined) return json(c, body(model, fitSize(parameters, freeBytes), false));
    if (model.trim() === "") throw new Invalid("model is required: a model's name, or a number of parameters such as 7B");
    throw new NotFound(`model '${model}' not found, and it is no number of parameters such as 7B or 600M`);
  };
}

/** What idle models hold now would be freed for another. */
function loadedBytes(runtime: Deps["runtime"]): number {
  return runtime.loaded().reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}

/** `7B`, `1.5b`, `600M`, `1T`, or a plain number; undefined for other texts. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit = ""] = /^(\d{1,15}(?:\.\d{1,6})?)\s*([kmbt]?)$/i.exec(text.trim()) ?? [];
  const value = Number(digits) * ({ k: 1e3, m: 1e6, b: 1e9, t: 1e12 }[unit.toLowerCase()] ?? 1);
  return digits !== undefined && value >= 1 ? value : undefined;
}

function body(model: string, table: FitTable, exact: boolean) {
  return {
    model,
    exact,
    parameter_count: table.parameters,
    memory: table.freeBytes,
    ...(table.trainedContext !== undefined && { context_length: table.trainedContext }),
    contexts: table.contexts,
    quantizations: table.rows.map((row) => ({
      quantization: row.quantization,
      ...(row.isCurrent && { current: true }),
      ...(row.weightBytes !== undefined && { weights: row.weightBytes }),
      needed: row.needBytes,
      fits: row.largestContext === undefined ? (row.needBytes[0] ?? 0) <= table.freeBytes : row.largestContext > 0,
      ...(row.largestContext !== undefined && { largest_context: row.largestContext }),
    })),
  };
}
