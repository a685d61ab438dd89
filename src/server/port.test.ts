import http from "node:http";
import { Hono } from "hono";
import { afterEach, expect, test } from "vitest";
import { parseHost } from "../config.ts";
import { type Listening, listen } from "./port.ts";

const open: Listening[] = [];
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function start(host: string, app = new Hono()): Promise<Listening> {
  const server = await listen(app, { host: { ...parseHost(host) } });
  open.push(server);
  return server;
}

test("port 0 is any free port, and the real address is told", async () => {
  const { url, port } = await start(
    "127.0.0.1:0",
    new Hono().get("/", (c) => c.text("here")),
  );
  expect(url).toBe(`http://127.0.0.1:${port}`);
  expect(await (await fetch(url)).text()).toBe("here");
});

test("a port in use", async () => {
  const { port } = await start("127.0.0.1:0");
  await expect(start(`127.0.0.1:${port}`)).rejects.toThrow(`listen tcp 127.0.0.1:${port}: bind: address already in use`);
});

test("closing cuts what does not end by itself", async () => {
  const endless = new Hono().get("/", (c) =>
    c.body(new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from("x")) })),
  );
  const server = await start("127.0.0.1:0", endless);
  const cut = new Promise((resolve) => {
    http.get(server.url, (response) => response.resume().on("close", resolve).on("error", resolve));
  });
  await new Promise((resolve) => setTimeout(resolve, 50));
  await server.close();
  await cut;
});
