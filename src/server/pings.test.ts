import { expect, test } from "vitest";
import { withPings } from "./pings.ts";

test("pings come while nothing else does, and never after the end", async () => {
  let goOn: () => void = () => {};
  const waiting = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  async function* items() {
    yield "a";
    await waiting;
    yield "b";
  }
  const seen: string[] = [];
  for await (const item of withPings(items(), "ping", 1)) {
    seen.push(item);
    if (seen.length === 4) goOn();
  }
  expect(seen.slice(0, 4)).toEqual(["a", "ping", "ping", "ping"]);
  expect(seen.filter((item) => item !== "ping")).toEqual(["a", "b"]);
  expect(seen.at(-1)).toBe("b");
});

test("a failure comes through", async () => {
  const failing: AsyncIterable<string> = { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error("broken")) }) };
  await expect(withPings(failing, "ping", 1000).next()).rejects.toThrow("broken");
});

test("who leaves ends what is behind", async () => {
  let ended = false;
  async function* items() {
    try {
      for (;;) yield "a";
    } finally {
      ended = true;
    }
  }
  for await (const _ of withPings(items(), "ping", 1000)) break;
  expect(ended).toBe(true);
});
