/** Serves one client over a pair of streams, a message a line. Requests run side by side; what is cancelled is not answered. */
import { messageOf, PunaError } from "../../errors.ts";
import {
  type Answer,
  answered,
  failed,
  type Id,
  INTERNAL_ERROR,
  INVALID_PARAMS,
  INVALID_REQUEST,
  RpcError,
  type Understood,
  understand,
} from "./json-rpc.ts";
import { type Handlers, respond } from "./protocol.ts";

/** More is no message of a client, but a mistake. */
const MOST_LINE_BYTES = 16 * 1024 * 1024;
const GRACE_MS = 2000;

export interface Streams {
  input: AsyncIterable<Uint8Array>;
  /** Writes a line; resolves when there is room for more. */
  write(line: string): void | Promise<void>;
}

/** Until the input ends. What is being worked on then has a moment to be finished, for whoever pipes requests in and reads the answers. */
export async function serveMcp({ input, write }: Streams, handlers: Handlers, { graceMs = GRACE_MS } = {}): Promise<void> {
  const running = new Map<Id, AbortController>();
  const work = new Set<Promise<void>>();

  const answer = async (understood: Understood): Promise<Answer | undefined> => {
    if (understood.kind === "wrong") return understood.answer;
    if (understood.kind === "nothing") return undefined;
    if (understood.kind === "notification") {
      const { method, params } = understood.notification;
      if (method === "notifications/cancelled") running.get(params.requestId as Id)?.abort();
      return undefined;
    }
    const { request } = understood;
    if (running.has(request.id))
      return failed(request.id, new RpcError(INVALID_REQUEST, "a request with this id is being worked on"));
    const controller = new AbortController();
    running.set(request.id, controller);
    try {
      const result = await respond(request, handlers, controller.signal);
      return controller.signal.aborted ? undefined : answered(request.id, result);
    } catch (error) {
      return controller.signal.aborted ? undefined : failed(request.id, rpcError(error));
    } finally {
      running.delete(request.id);
    }
  };

  const take = async (line: string): Promise<void> => {
    const { messages, isBatch } = understand(line);
    const answers = (await Promise.all(messages.map(answer))).filter((one) => one !== undefined);
    if (answers.length > 0) await write(`${JSON.stringify(isBatch ? answers : answers[0])}\n`);
  };

  for await (const line of boundedLines(input)) {
    const taken =
      line === undefined ? Promise.resolve(write(`${JSON.stringify(tooLong)}\n`)) : line.trim() === "" ? undefined : take(line);
    if (!taken) continue;
    work.add(taken);
    void taken.finally(() => work.delete(taken));
  }
  const giveUp = setTimeout(() => {
    for (const controller of running.values()) controller.abort();
  }, graceMs);
  await Promise.allSettled(work);
  clearTimeout(giveUp);
}

const tooLong = failed(null, new RpcError(INVALID_REQUEST, `a message has at most ${MOST_LINE_BYTES} bytes`));

function rpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  const isAskedWrongly = error instanceof PunaError && (error.status === 400 || error.status === 404);
  return new RpcError(isAskedWrongly ? INVALID_PARAMS : INTERNAL_ERROR, messageOf(error));
}

/** Lines without their ends; undefined for one that is too long, which is skipped to its end. */
async function* boundedLines(input: AsyncIterable<Uint8Array>): AsyncGenerator<string | undefined> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input) {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      yield size + end > MOST_LINE_BYTES ? undefined : Buffer.concat([...held, rest.subarray(0, end)]).toString("utf8");
      [held, size, rest] = [[], 0, rest.subarray(end + 1)];
    }
    size += rest.length;
    // Its size is known, its bytes are not needed.
    if (size > MOST_LINE_BYTES) held = [];
    else held.push(rest);
  }
  if (size > 0) yield size > MOST_LINE_BYTES ? undefined : Buffer.concat(held).toString("utf8");
}
