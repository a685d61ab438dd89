/** A client that left while the next piece was on its way was logged as an unexpected error of the server. */
import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { ndjson } from "../../src/server/respond.ts";
import { sse } from "../../src/server/sse.ts";

const logged: string[] = [];
configureLog({ write: (line) => logged.push(line) });
afterEach(() => logged.splice(0));

test.each(["ndjson", "sse"])("%s", async (kind) => {
  const gate = () => {
    let open = () => {};
    const opened = new Promise<void>((resolve) => {
      open = resolve;
    });
    return { open, opened };
  };
  const [reached, arrival] = [gate(), gate()];
  let ended = false;
  async function* pieces() {
    try {
      yield { data: 1 };
      reached.open();
      await arrival.opened;
      yield { data: 2 };
    } finally {
      ended = true;
    }
  }
  const app = new Hono();
  app.get("/", (c) => (kind === "sse" ? sse(c, pieces(), () => ({ data: "error" })) : ndjson(c, pieces())));
  const reader = (await app.request("/")).body?.getReader();
  await reader?.read();
  const waiting = reader?.read();
  await reached.opened;
  const leaving = reader?.cancel();
  arrival.open();
  await Promise.all([waiting, leaving]);
  expect(ended).toBe(true);
  expect(logged).toEqual([]);
});
