import { expect, test } from "vitest";
import { understand } from "./json-rpc.ts";

const one = (value: unknown) => understand(JSON.stringify(value)).messages[0];

test("a request, a notification, and an answer that nobody asked for", () => {
  expect(one({ jsonrpc: "2.0", id: 7, method: "ping" })).toEqual({
    kind: "request",
    request: { id: 7, method: "ping", params: {} },
  });
  expect(one({ jsonrpc: "2.0", method: "told", params: { a: 1 } })).toEqual({
    kind: "notification",
    notification: { method: "told", params: { a: 1 } },
  });
  expect(one({ jsonrpc: "2.0", id: 1, result: {} })).toEqual({ kind: "nothing" });
});

test.each([
  ["{", -32700, null],
  ["7", -32600, null],
  ["null", -32600, null],
  ["[]", -32600, null],
  ['{"id":1,"method":"x"}', -32600, 1],
  ['{"jsonrpc":"2.0","id":1}', -32600, 1],
  ['{"jsonrpc":"2.0","id":null,"method":"x"}', -32600, null],
  ['{"jsonrpc":"2.0","id":{},"method":"x"}', -32600, null],
  ['{"jsonrpc":"2.0","id":"a","method":"x","params":[1]}', -32602, "a"],
])("%s is answered with %i", (line, code, id) => {
  expect(understand(line).messages).toEqual([
    { kind: "wrong", answer: { jsonrpc: "2.0", id, error: { code, message: expect.any(String) } } },
  ]);
});

test("a batch is one line", () => {
  const { messages, isBatch } = understand('[{"jsonrpc":"2.0","id":1,"method":"a"},3]');
  expect(isBatch).toBe(true);
  expect(messages.map(({ kind }) => kind)).toEqual(["request", "wrong"]);
});
