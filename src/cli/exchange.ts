/** What the calls of the command line are made of: a request that was carried out, its text, its JSON, its lines. */
import { Failed, PunaError } from "../errors.ts";
import { lines } from "./lines.ts";
import type { Exchange, Reply, Send } from "./transport.ts";

/** The lines of an answer as they come. An error in one of them is thrown; one before them begins with the status line. */
export async function* streamed<Chunk>(exchange: Exchange, send: Send): AsyncGenerator<Chunk> {
  const reply = await send(exchange);
  if (reply.status >= 400) throw failure(reply, await text(reply), `${reply.statusLine}: `);
  for await (const line of lines(reply.body)) {
    if (line.trim() === "") continue;
    const chunk = parse<Awaited<Chunk> & { error?: string }>(line);
    if (chunk.error) throw new Failed(chunk.error);
    yield chunk;
  }
}

/** The reply to a request that was carried out. Throws with the server's own text and status otherwise. */
export async function accepted(exchange: Exchange, send: Send): Promise<Reply> {
  const reply = await send(exchange);
  if (reply.status >= 400) throw failure(reply, await text(reply));
  return reply;
}

/** The JSON that a request which was carried out is answered with. Throws as `accepted` and `parse` do. */
export async function answered<Answer>(exchange: Exchange, send: Send): Promise<Answer> {
  return parse<Answer>(await text(await accepted(exchange, send)));
}

/** What a reply with an error status says. */
export function failure(reply: Reply, body: string, prefix = ""): PunaError {
  return new PunaError(reply.status, `${prefix}${errorText(body) || reply.statusLine}`);
}

function errorText(body: string): string {
  try {
    const { error } = JSON.parse(body);
    return typeof error === "string" ? error : body;
  } catch {
    return body.trim();
  }
}

/** The whole body. */
export async function text(reply: Reply): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of reply.body) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

/** The edge where the server's JSON gets its type. An empty body is undefined. */
export function parse<Answer>(body: string): Answer {
  try {
    return (body.trim() === "" ? undefined : JSON.parse(body)) as Answer;
  } catch (cause) {
    throw new Failed(`the server sent something that is not JSON: ${JSON.stringify(body.slice(0, 80))}`, { cause });
  }
}
