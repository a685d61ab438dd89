/** JSON-RPC 2.0, one message or batch a line: what is asked, and what is answered. */

export type Id = string | number;

export interface Request {
  id: Id;
  method: string;
  params: Record<string, unknown>;
}

/** Somebody tells something, and wants no answer. */
type Notification = Omit<Request, "id">;

export type Answer = { jsonrpc: "2.0"; id: Id | null } & (
  | { result: object }
  | { error: { code: number; message: string; data?: unknown } }
);

const PARSE_ERROR = -32700;
export const INVALID_REQUEST = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
export const INTERNAL_ERROR = -32603;

/** An error that is answered as such, and not as the result of a tool. */
export class RpcError extends Error {
  readonly code: number;
  readonly data: unknown;

  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.code = code;
    this.data = data;
  }
}

/** How a message is understood. An answer to something that was never asked is nothing. */
export type Understood =
  | { kind: "request"; request: Request }
  | { kind: "notification"; notification: Notification }
  | { kind: "nothing" }
  | { kind: "wrong"; answer: Answer };

/** The messages of a line; `isBatch` when they came as an array, and are to be answered so. */
export function understand(line: string): { messages: Understood[]; isBatch: boolean } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { messages: [wrong(null, PARSE_ERROR, "this is not JSON")], isBatch: false };
  }
  if (!Array.isArray(value)) return { messages: [message(value)], isBatch: false };
  if (value.length === 0) return { messages: [wrong(null, INVALID_REQUEST, "a batch needs a request")], isBatch: false };
  return { messages: value.map(message), isBatch: true };
}

function message(value: unknown): Understood {
  if (!isRecord(value)) return wrong(null, INVALID_REQUEST, "a request is a JSON object");
  const { jsonrpc, id, method, params = {} } = value;
  const known = typeof id === "string" || (typeof id === "number" && Number.isFinite(id)) ? id : null;
  if (method === undefined && ("result" in value || "error" in value)) return { kind: "nothing" };
  if (jsonrpc !== "2.0" || typeof method !== "string")
    return wrong(known, INVALID_REQUEST, 'a request has "jsonrpc": "2.0" and a method');
  if (!("id" in value)) return { kind: "notification", notification: { method, params: isRecord(params) ? params : {} } };
  if (known === null) return wrong(null, INVALID_REQUEST, "the id of a request is a string or a number");
  if (!isRecord(params)) return wrong(known, INVALID_PARAMS, "params is a JSON object");
  return { kind: "request", request: { id: known, method, params } };
}

function wrong(id: Id | null, code: number, text: string): Understood {
  return { kind: "wrong", answer: failed(id, new RpcError(code, text)) };
}

export function answered(id: Id, result: object): Answer {
  return { jsonrpc: "2.0", id, result };
}

export function failed(id: Id | null, { code, message: text, data }: RpcError): Answer {
  return { jsonrpc: "2.0", id, error: { code, message: text, ...(data !== undefined && { data }) } };
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
