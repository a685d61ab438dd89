import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { startFakeServer } from "../../test/support/fake-server.ts";
import { Canceled } from "../errors.ts";
import { createClient } from "./client.ts";

async function collect<Item>(items: AsyncIterable<Item>): Promise<Item[]> {
  const all: Item[] = [];
  for await (const item of items) all.push(item);
  return all;
}

test("a stream comes line by line", async () => {
  const lines = [
    { response: "你", done: false },
    { response: "好", done: true },
  ];
  await using server = await startFakeServer({ "POST /api/generate": { lines } });
  expect(await collect(createClient(server.host).generate({ model: "m", prompt: "p" }))).toEqual(lines);
});

test("an error before a stream begins with the status line, as Ollama's client has it", async () => {
  await using server = await startFakeServer({ "POST /api/chat": { status: 500, json: { error: "it broke" } } });
  await expect(collect(createClient(server.host).chat({ model: "m", messages: [] }))).rejects.toThrow(
    "500 Internal Server Error: it broke",
  );
});

test("an error inside a stream is the text alone", async () => {
  await using server = await startFakeServer({
    "POST /api/chat": { lines: [{ message: { content: "a" } }, { error: "runner died" }] },
  });
  await expect(collect(createClient(server.host).chat({ model: "m", messages: [] }))).rejects.toThrow(/^runner died$/);
});

test("errors of plain calls are the server's words with its status", async () => {
  await using server = await startFakeServer({
    "POST /api/show": { status: 404, json: { error: "model 'x' not found" } },
    "POST /api/copy": { status: 502 },
  });
  const client = createClient(server.host);
  await expect(client.show("x")).rejects.toMatchObject({ message: "model 'x' not found", status: 404 });
  await expect(client.copy("a", "b")).rejects.toMatchObject({ message: "502 Bad Gateway", status: 502 });
});

test("a server that dies in mid-answer is an error that says so", async () => {
  await using server = await startFakeServer({ "POST /api/chat": { lines: [{ message: { content: "a" } }], cut: true } });
  await expect(collect(createClient(server.host).chat({ model: "m", messages: [] }))).rejects.toThrow(
    "closed the connection before its answer was complete",
  );
});

test("something that is no such server is an error that says so", async () => {
  await using server = await startFakeServer({ "GET /api/tags": { json: undefined }, "POST /api/generate": { lines: ["x"] } });
  await expect(createClient(server.host).list()).rejects.toThrow();
});

test("no server", async () => {
  const refused = (hostname: string) => createClient({ hostname, port: 9, scheme: "http" }).heartbeat();
  await expect(refused("127.0.0.1")).rejects.toThrow(/^could not connect to puna server, run 'puna serve' to start it$/);
  await expect(refused("0.0.0.0")).rejects.toThrow("could not connect to puna server, run 'puna serve'");
});

test("a signal ends a stream that would never end", async () => {
  await using server = await startFakeServer({ "POST /api/chat": { lines: [{ message: { content: "a" } }], endless: true } });
  const controller = new AbortController();
  const seen: string[] = [];
  const reading = (async () => {
    for await (const chunk of createClient(server.host).chat({ model: "m", messages: [] }, { signal: controller.signal })) {
      seen.push(chunk.message?.content ?? "");
      controller.abort();
    }
  })();
  await expect(reading).rejects.toBeInstanceOf(Canceled);
  expect(seen).toEqual(["a"]);
});

test("blobs", async () => {
  const digest = `sha256:${"a".repeat(64)}`;
  await using server = await startFakeServer({
    [`HEAD /api/blobs/${digest}`]: { status: 404 },
    [`POST /api/blobs/${digest}`]: { status: 201 },
  });
  const client = createClient(server.host);
  expect(await client.hasBlob(digest)).toBe(false);
  await client.putBlob(digest, { stream: Readable.from(["ab", "cd"]), sizeBytes: 4 });
  expect(server.asked.at(-1)?.body).toBe("abcd");
});
