import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import net, { type AddressInfo } from "node:net";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readText, Wire } from "./wire.ts";

const folder = mkdtempSync(path.join(os.tmpdir(), "puna-wire-"));
const asked: { line: string; authorization: string | undefined }[] = [];
let proxy: http.Server;
let proxyHost: string;

const portOf = (server: net.Server) => (server.address() as AddressInfo).port;
const listen = (server: net.Server) => new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
const wireThrough = (address: string) =>
  new Wire({ proxy: { http: address, https: address, no: "" }, userAgent: "test", stallMs: 5000 });
const { signal } = new AbortController();
const text = async (wire: Wire, url: string) => {
  const reply = await wire.send({ url: new URL(url), method: "GET", signal });
  return `${reply.status} ${await readText(reply, { limit: 1000, stallMs: 5000 })}`;
};

/** Names that end in .example lead to this machine, as only a proxy knows. */
beforeAll(async () => {
  proxy = http.createServer((request, response) => {
    asked.push({ line: `${request.method} ${request.url}`, authorization: request.headers["proxy-authorization"] });
    response.end("from the proxy");
  });
  proxy.on("connect", (request, socket) => {
    asked.push({ line: `CONNECT ${request.url}`, authorization: request.headers["proxy-authorization"] });
    const [host, port] = (request.url ?? "").split(":");
    if (host !== "secure.example") return void socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
    const target = net.connect(Number(port), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      target.pipe(socket).pipe(target);
    });
    socket.on("error", () => target.destroy());
    target.on("error", () => socket.destroy());
  });
  await listen(proxy);
  proxyHost = `127.0.0.1:${portOf(proxy)}`;
});
afterAll(() => {
  proxy.closeAllConnections();
  proxy.close();
  rmSync(folder, { recursive: true, force: true });
});

test("plain requests go through a proxy whole, with its password", async () => {
  const wire = wireThrough(`http://me:secret@${proxyHost}`);
  expect(await text(wire, "http://plain.example/v2/?a=b")).toBe("200 from the proxy");
  expect(asked.at(-1)).toEqual({
    line: "GET http://plain.example/v2/?a=b",
    authorization: `Basic ${Buffer.from("me:secret").toString("base64")}`,
  });
  wire.close();
});

test("a proxy that refuses, and one that is not there", async () => {
  const wire = wireThrough(proxyHost);
  await expect(text(wire, "https://other.example/")).rejects.toThrow(
    `the proxy ${proxyHost} refuses to connect to other.example:443: 407 Proxy Authentication Required; put user and password into its address`,
  );
  await expect(text(wireThrough("127.0.0.1:9"), "https://other.example/")).rejects.toThrow(
    "cannot reach other.example: through the proxy 127.0.0.1:9: connect ECONNREFUSED",
  );
});

const hasOpenssl = (() => {
  try {
    execFileSync("openssl", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
})();

describe.skipIf(!hasOpenssl)("encrypted (needs openssl)", () => {
  let server: https.Server;
  beforeAll(async () => {
    const file = (name: string) => path.join(folder, name);
    const names = ["-subj", "/CN=secure.example", "-addext", "subjectAltName=DNS:secure.example"];
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-keyout", file("key"), "-out", file("cert"), ...names],
      {
        stdio: "ignore",
      },
    );
    server = https.createServer({ key: readFileSync(file("key")), cert: readFileSync(file("cert")) }, (request, response) =>
      response.end(`${request.headers.host} ${request.headers["proxy-authorization"] ?? "no password"}`),
    );
    await listen(server);
  });
  afterAll(() => void server.close());

  test("a tunnel checks the certificate behind it, and keeps the proxy's password to the proxy", async () => {
    const url = `https://secure.example:${portOf(server)}/`;
    const wire = wireThrough(`http://me:secret@${proxyHost}`);
    await expect(text(wire, url)).rejects.toThrow(/cannot reach secure\.example:\d+: self-signed certificate/);
    const run = `
      import { Wire, readText } from "${new URL("../../dist/registry/wire.js", import.meta.url)}";
      const wire = new Wire({ proxy: { http: "", https: "http://me:secret@${proxyHost}", no: "" }, userAgent: "t", stallMs: 5000 });
      const reply = await wire.send({ url: new URL("${url}"), method: "GET", signal: new AbortController().signal });
      console.log(String(await readText(reply, { limit: 1000, stallMs: 5000 })));
      process.exit();`;
    const child = await runNode(run, { NODE_EXTRA_CA_CERTS: path.join(folder, "cert") });
    expect(child).toBe(`secure.example:${portOf(server)} no password\n`);
    expect(asked.at(-1)).toEqual({
      line: `CONNECT secure.example:${portOf(server)}`,
      authorization: `Basic ${Buffer.from("me:secret").toString("base64")}`,
    });
  });
});

async function runNode(code: string, env: Record<string, string>): Promise<string> {
  const { spawn } = await import("node:child_process");
  const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (piece: string) => {
    out += piece;
  });
  await new Promise((resolve) => child.once("close", resolve));
  return out;
}
