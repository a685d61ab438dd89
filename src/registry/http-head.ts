/** The head of an HTTP answer, for the one kind of answer that is not read by node:http: see direct.ts. */

export interface Head {
  status: number;
  /** By lower-case name. */
  headers: Record<string, string>;
}

/** Reads a head without its empty line. Undefined for one that node:http had better look at. */
export function parseHead(text: string): Head | undefined {
  const [first = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.1 ([2-5]\d\d)(?: |$)/.exec(first)?.[1];
  if (status === undefined) return undefined;
  const headers: Record<string, string> = Object.create(null);
  for (const line of lines) {
    const [, name, value] = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    const key = name.toLowerCase();
    // Two lengths, or a length said twice: who is right decides where the body ends.
    if (key in headers && ["content-length", "content-range", "transfer-encoding"].includes(key)) return undefined;
    headers[key] = value;
  }
  return { status: Number(status), headers };
}

/** Bytes of the body, when the head says so and nothing else does. */
export function bodyBytes({ headers }: Head): number | undefined {
  const length = headers["content-length"];
  if (length === undefined || !/^\d{1,15}$/.test(length) || headers["transfer-encoding"] !== undefined) return undefined;
  return headers["content-encoding"] === undefined || headers["content-encoding"] === "identity" ? Number(length) : undefined;
}
