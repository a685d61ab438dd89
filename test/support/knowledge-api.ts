/** A test server's knowledge API, and the shapes that its answers must have. */
import { expect } from "vitest";
import type { z } from "zod";
import { knowledgeEndpoints } from "../../src/server/knowledge/routes.ts";
import { lines, object, type TestServer } from "../fixtures/server.ts";

// biome-ignore lint/suspicious/noExplicitAny: tests read whatever the wire holds
type Any = any;

const ROOT = "/puna/knowledge";

export class KnowledgeApi {
  readonly #server: TestServer;

  constructor(server: TestServer) {
    this.#server = server;
  }

  /** `path` is what follows /puna/knowledge. */
  async send(method: string, path: string, body?: unknown, init: RequestInit = {}): Promise<Response> {
    const isPlain = body === undefined || typeof body === "string" || body instanceof FormData || body instanceof Uint8Array;
    const sent = isPlain ? (body as string | undefined) : JSON.stringify(body);
    return await this.#server.app.request(`${ROOT}${path}`, { method, ...(sent !== undefined && { body: sent }), ...init });
  }

  /** A good answer, checked against the endpoint's schema: no field more, none less. */
  async ask(method: string, path: string, body?: unknown): Promise<Any> {
    const response = await this.send(method, path, body);
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    const spec = knowledgeEndpoints.find((one) => one.method === method && matches(one.path, `${ROOT}${path}`));
    expect(spec?.status, `${method} ${path}`).toBe(response.status);
    return text === "" ? undefined : strictly(spec?.gives, JSON.parse(text));
  }

  /** Status and message of a refusal. */
  async refused(method: string, path: string, body?: unknown, init?: RequestInit): Promise<[number, string]> {
    const response = await this.send(method, path, body, init);
    return [response.status, (await object(response)).error];
  }

  /** The lines of a job, until it ends. */
  async events(base: string, job: number): Promise<Any[]> {
    return await lines(await this.send("GET", `/${base}/jobs/${job}/events`));
  }

  /** Adds and waits: the job as it ended, with its items. */
  async add(base: string, body: unknown, query = ""): Promise<Any> {
    const { job } = await this.ask("POST", `/${base}/documents${query}`, body);
    return await this.ended(base, job.id);
  }

  async ended(base: string, job: number): Promise<Any> {
    await this.events(base, job);
    return await this.ask("GET", `/${base}/jobs/${job}`);
  }
}

function matches(pattern: string, path: string): boolean {
  const [plain = ""] = path.split("?");
  return new RegExp(`^${pattern.replace(/:\w+/g, "[^/]+")}$`).test(plain);
}

function strictly(schema: z.ZodType | undefined, value: unknown): unknown {
  const parsed = schema?.parse(value);
  // Fields that the schema does not know are not in what it gives.
  expect(parsed).toEqual(value);
  return parsed;
}
