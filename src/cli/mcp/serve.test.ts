import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Invalid } from "../../errors.ts";
import type { Handlers } from "./protocol.ts";
import { serveMcp } from "./serve.ts";

const quick: Handlers = { "tools/call": ({ n }) => ({ n }) };
const request = (id: unknown, method: string, params: object = {}) => JSON.stringify({ jsonrpc: "2.0", id, method, params });
const call = (id: unknown, n: number) => request(id, "tools/call", { n });

async function answersTo(chunks: (string | Uint8Array)[], handlers = quick, options = {}): Promise<unknown[]> {
  async function* input() {
    for (const chunk of chunks) yield typeof chunk === "string" ? Buffer.from(chunk) : chunk;
  }
  const lines: string[] = [];
  await serveMcp({ input: input(), write: (line) => void lines.push(line) }, handlers, options);
  for (const line of lines) expect(line).toMatch(/^[^\n]+\n$/);
  return lines.map((line) => JSON.parse(line));
}

test("each line is answered, whatever its neighbours are", async () => {
  const answers = await answersTo([`${call(1, 10)}\nnonsense\n\n${call("b", 20)}\r\n${request(3, "nothing/here")}`]);
  expect(answers).toContainEqual({ jsonrpc: "2.0", id: 1, result: { n: 10 } });
  expect(answers).toContainEqual({ jsonrpc: "2.0", id: "b", result: { n: 20 } });
  expect(answers).toContainEqual({ jsonrpc: "2.0", id: null, error: expect.objectContaining({ code: -32700 }) });
  expect(answers).toContainEqual({ jsonrpc: "2.0", id: 3, error: expect.objectContaining({ code: -32601 }) });
  expect(answers).toHaveLength(4);
});

test("a message and a character that are split come out whole", async () => {
  const bytes = Buffer.from(`${request(1, "tools/call", { n: "瓦上寻舟" })}\n`);
  const pieces = Array.from(bytes, (byte) => Uint8Array.of(byte));
  expect(await answersTo(pieces)).toEqual([{ jsonrpc: "2.0", id: 1, result: { n: "瓦上寻舟" } }]);
});

test("a batch is answered as one, notifications are not answered", async () => {
  const told = '{"jsonrpc":"2.0","method":"notifications/initialized"}';
  expect(await answersTo([`[${call(1, 1)},${told},${call(2, 2)}]\n${told}\n[${told}]\n`])).toEqual([
    [
      { jsonrpc: "2.0", id: 1, result: { n: 1 } },
      { jsonrpc: "2.0", id: 2, result: { n: 2 } },
    ],
  ]);
});

test("a message above 16 MB is refused, and the next one is answered", async () => {
  const large = Buffer.alloc(17 * 1024 * 1024, "x");
  expect(await answersTo([large.subarray(0, 9e6), large.subarray(9e6), `\n${call(1, 1)}\n`])).toEqual([
    { jsonrpc: "2.0", id: null, error: { code: -32600, message: "a message has at most 16777216 bytes" } },
    { jsonrpc: "2.0", id: 1, result: { n: 1 } },
  ]);
});

test("faults of a handler are errors with their text", async () => {
  const handlers: Handlers = {
    "tools/call": () => {
      throw new Error("broken");
    },
    "tools/list": () => {
      throw new Invalid("no such thing");
    },
  };
  expect(await answersTo([`${call(1, 1)}\n${request(2, "tools/list")}\n`], handlers)).toEqual([
    { jsonrpc: "2.0", id: 1, error: { code: -32603, message: "broken" } },
    { jsonrpc: "2.0", id: 2, error: { code: -32602, message: "no such thing" } },
  ]);
});

test("a cancelled request stops and is not answered; others go on beside it", async () => {
  const input = new PassThrough();
  const lines: string[] = [];
  let stop = () => {};
  const stopped = new Promise<void>((resolve) => {
    stop = resolve;
  });
  const handlers: Handlers = {
    "tools/call": ({ n }, signal) => {
      if (n !== 1) return { n };
      return new Promise((_, reject) => {
        signal.addEventListener("abort", () => {
          stop();
          reject(new Error("aborted"));
        });
      });
    },
  };
  const served = serveMcp({ input, write: (line) => void lines.push(line) }, handlers);
  const cancel = (id: unknown) =>
    JSON.stringify({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: id } });
  input.write(`${call(1, 1)}\n${call(1, 2)}\n${call(3, 3)}\n${cancel("unknown")}\n${cancel(1)}\n`);
  await stopped;
  input.end();
  await served;
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { jsonrpc: "2.0", id: 1, error: { code: -32600, message: "a request with this id is being worked on" } },
    { jsonrpc: "2.0", id: 3, result: { n: 3 } },
  ]);
});

test("at the end of the input, work that does not end is given up", async () => {
  const handlers: Handlers = {
    "tools/call": (_, signal) => new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted")))),
  };
  expect(await answersTo([`${call(1, 1)}\n`], handlers, { graceMs: 1 })).toEqual([]);
});
