/** GET /puna/openapi.json: Puna's own API in OpenAPI 3.1, made of the schemas that the endpoints themselves use. */
import type { Context } from "hono";
import { z } from "zod";
import type { Deps } from "../deps.ts";
import { json } from "../respond.ts";
import type { Endpoint } from "./endpoint.ts";

type Json = Record<string, unknown>;

export function describeApi({ version }: Pick<Deps, "version">, endpoints: readonly Endpoint[]) {
  let described: Json | undefined;
  return (c: Context): Response => {
    described ??= openApi(endpoints, version);
    return json(c, described);
  };
}

function openApi(endpoints: readonly Endpoint[], version: string): Json {
  const shared = new SharedSchemas();
  const paths: Record<string, Json> = {};
  for (const one of endpoints) {
    const path = one.path.replace(/:(\w+)/g, "{$1}");
    paths[path] = { ...paths[path], [one.method.toLowerCase()]: operation(one, shared) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Puna", version, description: "Knowledge bases: documents, search and the work behind them." },
    paths,
    components: {
      schemas: { ...shared.schemas, Error: ERROR },
      securitySchemes: { key: { type: "http", scheme: "bearer" }, header: { type: "apiKey", in: "header", name: "x-api-key" } },
    },
    // None is needed where only this machine can reach the server.
    security: [{}, { key: [] }, { header: [] }],
  };
}

const ERROR = {
  type: "object",
  properties: { error: { type: "string" }, code: { type: "string" } },
  required: ["error"],
};

function operation(one: Endpoint, shared: SharedSchemas): Json {
  const { status, body, query, gives, lines, bytes } = one;
  const takes = {
    ...(body && { "application/json": { schema: shared.schema(body, "input") } }),
    ...binary(bytes?.takes),
  };
  const givesType = lines ? "application/x-ndjson" : "application/json";
  const content = { ...(gives && { [givesType]: { schema: shared.schema(gives, "output") } }), ...binary(bytes?.gives) };
  return {
    operationId: operationId(one),
    summary: one.summary,
    parameters: [...pathParameters(one.path), ...queryParameters(query, shared)],
    ...(Object.keys(takes).length > 0 && { requestBody: { required: true, content: takes } }),
    responses: {
      [status]: { description: describe(one), ...(Object.keys(content).length > 0 && { content }) },
      default: { description: "An error", content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } } },
    },
  };
}

function describe({ status, lines }: Endpoint): string {
  if (lines) return "One object a line";
  return { 200: "Done", 201: "Made", 202: "Begun: see the job", 204: "Done" }[status];
}

function binary(types: Record<string, string> | undefined): Json {
  const entries = Object.entries(types ?? {});
  return Object.fromEntries(entries.map(([type, description]) => [type, { schema: { description, ...bytesOf(type) } }]));
}

function bytesOf(type: string): Json {
  return type.startsWith("multipart/") ? { type: "object" } : {};
}

function pathParameters(path: string): Json[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: name === "base" ? "string" : "integer" },
  }));
}

function queryParameters(query: z.ZodObject | undefined, shared: SharedSchemas): Json[] {
  if (!query) return [];
  const { properties = {}, required = [] } = shared.schema(query, "output") as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    in: "query",
    required: required.includes(name) && !("default" in schema),
    schema,
  }));
}

/** `getKnowledgeBaseDocuments` */
function operationId({ method, path }: Endpoint): string {
  const words = path.split("/").filter((part) => part !== "" && part !== "puna");
  const camel = words.map((word) =>
    word.replace(/^:?(\w)/, (_, first: string) => first.toUpperCase()).replace(/-(\w)/g, (_, c) => c.toUpperCase()),
  );
  return `${method.toLowerCase()}${camel.join("")}`;
}

/** Schemas with a name of their own stand under `components`, the others where they are used. */
class SharedSchemas {
  readonly schemas: Record<string, unknown> = {};

  schema(schema: z.ZodType, io: "input" | "output"): Json {
    const { $schema: _, $defs = {}, ...made } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Json & { $defs?: Json };
    for (const [name, definition] of Object.entries($defs)) this.schemas[name] = moved(definition);
    const { id, ...rest } = made;
    if (typeof id !== "string") return moved(rest) as Json;
    this.schemas[id] = moved(rest);
    return { $ref: `#/components/schemas/${id}` };
  }
}

/** References as they are in the description. */
function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => key !== "id" || typeof (value as Json).id !== "string")
      .map(([key, inner]) => [
        key,
        key === "$ref" && typeof inner === "string" ? inner.replace("#/$defs/", "#/components/schemas/") : moved(inner),
      ]),
  );
}
