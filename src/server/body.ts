/** Request bodies: read within a limit, parsed as Go would, checked against a schema. */
import type { Context } from "hono";
import type { z } from "zod";
import { Canceled, Invalid, PunaError } from "../errors.ts";
import { decompress } from "./decompress.ts";
import { parseFirstValue } from "./json.ts";

/** Far above any honest request (a long conversation with images), far below what would hurt the server. */
const bodyLimitBytes = 256 * 1024 * 1024;

export interface Json {
  /** "drop", as without it: `null` counts as absent. */
  nulls?: "keep" | "drop";
}

/**
 * The body as the schema's output. Field names match in any case, `null` counts as absent, unknown fields are ignored.
 * Throws Invalid; PunaError 413 beyond the limit.
 */
export async function readJson<Schema extends z.ZodObject>(
  c: Context,
  schema: Schema,
  name: string,
  how: Json = {},
): Promise<z.output<Schema>> {
  return check(schema, parseFirstValue(await readText(c)), name, how);
}

/** The schema's output for a value that is JSON already. Throws Invalid in the words of Go's decoder. */
function check<Schema extends z.ZodObject>(schema: Schema, value: unknown, name: string, { nulls }: Json): z.output<Schema> {
  if (!isRecord(value)) throw new Invalid(`json: cannot unmarshal ${kindOf(value)} into Go value of type ${name}`);
  const fields = withFields(value, Object.keys(schema.shape), nulls);
  const result = schema.safeParse(fields);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const param = issue && pathOf(issue.path);
  if (issue?.code !== "invalid_type" && issue?.code !== "invalid_union")
    throw new Invalid(issue?.message ?? "invalid request", { param });
  const field = issue.path.filter((part) => typeof part === "string").join(".");
  const got = issue.path.reduce<unknown>(
    (at, part) => (isRecord(at) || Array.isArray(at) ? Reflect.get(at, part) : undefined),
    fields,
  );
  const want = issue.code === "invalid_type" ? issue.expected : "another type";
  throw new Invalid(`json: cannot unmarshal ${kindOf(got)} into Go struct field ${name}.${field} of type ${want}`, { param });
}

/** `messages[0].content` */
function pathOf(path: readonly PropertyKey[]): string {
  return path.map((part, at) => (typeof part === "number" ? `[${part}]` : `${at === 0 ? "" : "."}${String(part)}`)).join("");
}

/** A record whose keys are spelled as in `names`, where they match in any case; nulls are left out, as Go leaves its zero value. */
export function withFields(value: unknown, names: readonly string[], nulls: Json["nulls"] = "drop"): unknown {
  if (!isRecord(value)) return value;
  const known = new Map(names.map((name) => [name.toLowerCase(), name]));
  const fields: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    const name = known.get(key.toLowerCase());
    if (name !== undefined && (field !== null || nulls === "keep")) fields[name] = field;
  }
  return fields;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The body as text, whatever it holds. Throws as `readJson` does. */
export async function readText(c: Context): Promise<string> {
  const tooLarge = new PunaError(413, `the request body exceeds ${bodyLimitBytes >> 20} MiB`);
  if (Number(c.req.header("content-length") ?? 0) > bodyLimitBytes) throw tooLarge;
  const { body } = c.req.raw;
  if (!body) return "";
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of body) {
      size += chunk.length;
      if (size > bodyLimitBytes) break;
      chunks.push(chunk);
    }
  } catch (error) {
    throw new Canceled("the request body ended early", { cause: error });
  }
  if (size > bodyLimitBytes) throw tooLarge;
  const bytes = await decompress(Buffer.concat(chunks), c.req.header("content-encoding"), bodyLimitBytes);
  return bytes.toString("utf8").replace(/^\uFEFF/, "");
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  return typeof value === "boolean" ? "bool" : typeof value;
}
