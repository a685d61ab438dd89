import net, { type AddressInfo, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { DirectGets } from "./direct-gets.ts";

const BODY = Buffer.from(Array.from({ length: 5000 }, (_, i) => i % 251));
const head = (length: number, more = "") => `HTTP/1.1 206 Partial Content\r\nContent-Length: ${length}\r\n${more}\r\n`;

let close = async () => {};
afterEach(async () => await close());

/** A server that answers each request as told, and a client; `connections` counts. */
async function serve(answer: (socket: Socket, request: string, connection: number) => void, stallMs = 5000) {
  const sockets: Socket[] = [];
  const server = net.createServer((socket) => {
    sockets.push(socket);
    const connection = sockets.length;
    socket.on("error", () => {});
    socket.on("data", (data) => answer(socket, data.toString(), connection));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const gets = new DirectGets(stallMs);
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/a%20b?c`);
  close = async () => {
    gets.close();
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  const { signal } = new AbortController();
  const get = async (over: { signal?: AbortSignal } = {}) =>
    await gets.get({ url, headers: { host: url.host, range: "bytes=0-4999" }, blockBytes: 1024, signal, ...over });
  return { get, sockets };
}

async function read({ blocks }: { blocks: AsyncIterable<Buffer> }): Promise<Buffer> {
  const read: Buffer[] = [];
  for await (const block of blocks) read.push(Buffer.from(block));
  return Buffer.concat(read);
}

test("bodies in blocks, one after the other over one connection", async () => {
  const asked: string[] = [];
  const { get, sockets } = await serve((socket, request) => {
    asked.push(request);
    socket.write(Buffer.concat([Buffer.from(head(BODY.length)), BODY]));
  });
  for (let i = 0; i < 3; i++) {
    const reply = await get();
    expect(reply?.status).toBe(206);
    expect(await read(reply!)).toEqual(BODY);
  }
  expect(sockets).toHaveLength(1);
  expect(asked[0]).toMatch(/^GET \/a%20b\?c HTTP\/1\.1\r\nhost: .*\r\nrange: bytes=0-4999\r\nconnection: keep-alive\r\n\r\n$/);
});

test("a reader that takes its time loses nothing", async () => {
  const { get } = await serve((socket) => socket.write(Buffer.concat([Buffer.from(head(BODY.length)), BODY])));
  const read: Buffer[] = [];
  for await (const block of (await get())!.blocks) {
    const before = Buffer.from(block);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(block).toEqual(before);
    read.push(before);
  }
  expect(Buffer.concat(read)).toEqual(BODY);
});

test("a head and a body in small pieces", async () => {
  const { get } = await serve(async (socket) => {
    for (const byte of Buffer.concat([Buffer.from(head(40)), BODY.subarray(0, 40)])) {
      socket.write(Buffer.from([byte]));
      await new Promise((resolve) => setImmediate(resolve));
    }
  });
  expect(await read((await get())!)).toEqual(BODY.subarray(0, 40));
});

test("what came before a connection broke is given before the error", async () => {
  const { get } = await serve((socket) => socket.end(Buffer.concat([Buffer.from(head(BODY.length)), BODY.subarray(0, 1500)])));
  const reply = await get();
  let came = 0;
  const reading = async () => {
    for await (const block of reply!.blocks) came += block.length;
  };
  await expect(reading()).rejects.toThrow(/broke off/);
  expect(came).toBe(1500);
});

test("a kept connection that was closed meanwhile is opened anew", async () => {
  const { get, sockets } = await serve((socket, _, connection) => {
    socket.write(Buffer.concat([Buffer.from(head(3)), BODY.subarray(0, 3)]));
    if (connection === 1) socket.end();
  });
  for (let i = 0; i < 3; i++) expect(await read((await get())!)).toEqual(BODY.subarray(0, 3));
  expect(sockets).toHaveLength(2);
});

test("a server that closes after each answer", async () => {
  const { get, sockets } = await serve((socket) => socket.write(`${head(3, "Connection: close\r\n")}abc`));
  for (let i = 0; i < 2; i++) expect(String(await read((await get())!))).toBe("abc");
  expect(sockets).toHaveLength(2);
});

test.each([
  ["chunked", "HTTP/1.1 206 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"],
  ["no HTTP", "hello\r\n\r\n"],
  ["longer than it says", `${head(3)}abcdef`],
])("an answer that is %s is left to node:http", async (_, text) => {
  const { get } = await serve((socket) => socket.write(text));
  expect(await get()).toBeUndefined();
});

test("silence, before and in the body", async () => {
  const { get } = await serve((socket, _, connection) => {
    if (connection === 2) socket.write(`${head(30)}abc`);
  }, 60);
  await expect(get()).rejects.toThrow(/sent nothing/);
  const reply = await get();
  await expect(read(reply!)).rejects.toThrow(/sent nothing/);
});

test("nobody there, and a head without an end", async () => {
  const { get } = await serve((socket) => socket.write("x".repeat(5000)));
  await expect(get()).rejects.toThrow(/the head of the answer does not end/);
  await close();
  await expect(get()).rejects.toThrow(/cannot reach 127.0.0.1.*ECONNREFUSED/);
  close = async () => {};
});

test("leaving", async () => {
  const { get } = await serve((socket) => socket.write(`${head(30)}abc`));
  const leave = new AbortController();
  const reply = await get({ signal: leave.signal });
  setTimeout(() => leave.abort(), 10);
  await expect(read(reply!)).rejects.toMatchObject({ status: 499 });
});
