/** `response_format`, and `text.format` of the Responses API, as Ollama's `format`. */
import { z } from "zod";
import { Invalid } from "../../errors.ts";
import { optional } from "./fields.ts";

const schemaOf = { schema: optional(z.record(z.string(), z.unknown())) };

/** The schema stands in an object of its own in chat completions, and beside the type in responses. */
export const responseFormat = z.looseObject({
  type: z.string(),
  json_schema: optional(z.object(schemaOf)),
  ...schemaOf,
});

/** Undefined for text, "json", or a JSON Schema. Throws Invalid naming the field. */
export function formatOf(format: z.output<typeof responseFormat> | undefined, param: string): unknown {
  if (!format || format.type === "text") return undefined;
  if (format.type === "json_object") return "json";
  if (format.type !== "json_schema")
    throw new Invalid(`${param}.type is ${JSON.stringify(format.type)}; it must be "text", "json_object" or "json_schema"`, {
      param: `${param}.type`,
    });
  const schema = format.json_schema?.schema ?? format.schema;
  if (schema) return schema;
  throw new Invalid(`${param} has no schema: send {"type": "json_schema", "json_schema": {"name": …, "schema": …}}`, { param });
}
