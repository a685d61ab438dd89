/** An endpoint of Puna's own API: what it takes and what it gives, said once for the server and for the description of the API. */
import type { Context } from "hono";
import { z } from "zod";
import { Invalid, NotFound } from "../../errors.ts";
import { type Json, readJson } from "../body.ts";
import type { Deps } from "../deps.ts";
import { json } from "../respond.ts";
import type { Method, Routes } from "../routes.ts";

/** What a handler is given: the request, and of it what the endpoint's schemas made of body and query. */
interface Asked<Body = unknown, Query = unknown> {
  c: Context;
  deps: Deps;
  body: Body;
  query: Query;
}

type Status = 200 | 201 | 202 | 204;

export interface Endpoint {
  method: Method;
  /** In Hono's words, such as `/puna/knowledge/:base`. */
  path: string;
  /** One line for the description of the API. */
  summary: string;
  status: Status;
  body: z.ZodObject | undefined;
  query: z.ZodObject | undefined;
  gives: z.ZodType | undefined;
  lines: boolean;
  bytes: Bytes | undefined;
  answer(deps: Deps, c: Context): Promise<Response>;
}

/** Bodies that are not JSON: their media types, with what they hold. */
interface Bytes {
  takes?: Record<string, string>;
  gives?: Record<string, string>;
}

interface Spec<Body extends z.ZodObject, Query extends z.ZodObject, Gives extends z.ZodType> {
  method: Method;
  path: string;
  summary: string;
  /** 200 without it. 204 says nothing. */
  status?: Status;
  body?: Body;
  query?: Query;
  /** One object, or with `lines` each line of a stream. */
  gives?: Gives;
  lines?: boolean;
  /** For what is not JSON. With `takes` the handler reads the body itself. */
  bytes?: Bytes;
  handle(asked: Asked<z.output<Body>, z.output<Query>>): Answered<Gives> | Promise<Answered<Gives>>;
}

/** A handler that streams makes the response itself. */
type Answered<Gives extends z.ZodType> = z.input<Gives> | Response;

const nothing = z.object({});

/** `null` in a body is kept where its schema allows it: it takes a value away. Throws what `handle` throws, and Invalid. */
export function endpoint<
  Body extends z.ZodObject = typeof nothing,
  Query extends z.ZodObject = typeof nothing,
  Gives extends z.ZodType = z.ZodVoid,
>(spec: Spec<Body, Query, Gives>): Endpoint {
  const { body, query, gives, bytes, status = 200, lines = false } = spec;
  const readsBody = body !== undefined && bytes?.takes === undefined;
  return {
    ...{ method: spec.method, path: spec.path, summary: spec.summary },
    ...{ status, body, query, gives, lines, bytes },
    async answer(deps, c) {
      const asked = {
        c,
        deps,
        query: readQuery(c, query ?? nothing) as z.output<Query>,
        body: (readsBody ? await readJson(c, body, "Request", jsonHow) : {}) as z.output<Body>,
      };
      const answered = await spec.handle(asked);
      if (answered instanceof Response) return answered;
      return status === 204 ? c.body(null, 204) : json(c, answered, status);
    },
  };
}

const jsonHow: Json = { nulls: "keep" };

/** As the server's table of routes wants them. */
export function routesOf(deps: Deps, endpoints: readonly Endpoint[]): Routes {
  const routes: Routes = {};
  for (const { method, path, answer } of endpoints) {
    routes[path] = { ...routes[path], [method]: (c: Context) => answer(deps, c) };
  }
  return routes;
}

/** A number in the path. Throws NotFound for what is none. */
export function idIn(c: Context, name = "id"): number {
  const text = c.req.param(name) ?? "";
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new NotFound(`there is no ${JSON.stringify(text)} here: an id is a whole number`);
  return Number(text);
}

function readQuery<Query extends z.ZodObject>(c: Context, schema: Query): z.output<Query> {
  const result = schema.safeParse(c.req.query());
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const param = String(issue?.path[0] ?? "query");
  throw new Invalid(`${param} in the query cannot be used: ${issue?.message ?? "invalid"}`, { param });
}
