/** HTTPS: the server with a certificate, the command line that trusts it or does not, and files that are no good. */
import { generateKeyPairSync } from "node:crypto";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { Hono } from "hono";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { writeCertificate } from "../../test/support/certificate.ts";
import { createClient } from "../cli/client.ts";
import { connect } from "../cli/transport.ts";
import { parseHost, readConfig } from "../config.ts";
import { configureLog } from "../log.ts";
import { type Listening, listen } from "./port.ts";
import { readTls } from "./tls.ts";

let folder: string;
let server: Listening | undefined;
let logged = "";
beforeEach(() => {
  logged = "";
  configureLog({ write: (line) => (logged += line) });
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-tls-"));
});
afterEach(async () => {
  await server?.close();
  server = undefined;
  rmSync(folder, { recursive: true, force: true });
});

async function start(wanted: Parameters<typeof writeCertificate>[1] = {}) {
  const files = writeCertificate(folder, wanted);
  const app = new Hono().get("/", (c) => c.text("here"));
  server = await listen(app, { host: parseHost("127.0.0.1:0"), tlsCertificate: files.cert, tlsKey: files.key });
  return { ...files, url: server.url };
}
const heartbeat = (url: string, tls: { tlsTrusted?: string; tlsCertificate?: string } = {}) =>
  createClient(
    parseHost(url),
    connect(parseHost(url), { tls: { tlsTrusted: undefined, tlsCertificate: undefined, ...tls } }),
  ).heartbeat();

describe("a server with a certificate", () => {
  test("is trusted by who was told to", async () => {
    const { url, cert } = await start();
    expect(url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
    await heartbeat(url, { tlsTrusted: cert });
    await expect(heartbeat(url)).rejects.toThrow(
      /is not signed by anyone this machine trusts: set PUNA_TLS_CA \(or NODE_EXTRA_CA_CERTS\)/,
    );
    await expect(heartbeat(url.replace("https", "http"))).rejects.toThrow(
      /closed the connection .*write https:\/\/ in OLLAMA_HOST/,
    );
  });

  test("is known to who shares its settings, under any name", async () => {
    const { url, cert } = await start({ names: ["box.example"] });
    await expect(heartbeat(url, { tlsTrusted: cert })).rejects.toThrow(
      "is for another name: set OLLAMA_HOST to a name that it is for",
    );
    // Last, because the connection is kept and used again.
    await heartbeat(url, { tlsCertificate: cert });
  });

  test("that has expired is served with a warning and refused by clients", async () => {
    const { url, cert } = await start({ from: new Date("2020-01-01"), until: new Date("2021-01-01") });
    expect(logged).toContain("the TLS certificate has expired");
    await expect(heartbeat(url, { tlsTrusted: cert })).rejects.toThrow("has expired");
  });

  test("https to a server that has none", async () => {
    server = await listen(new Hono(), { host: parseHost("127.0.0.1:0") });
    await expect(heartbeat(server.url.replace("http", "https"))).rejects.toThrow(
      "does not speak HTTPS: write http:// in OLLAMA_HOST",
    );
  });

  test("one environment serves both sides", () => {
    const { host } = readConfig({ OLLAMA_HOST: "127.0.0.1:8443", PUNA_TLS_CERT: "/x/cert.pem" });
    expect(host).toEqual({ hostname: "127.0.0.1", port: 8443, scheme: "https" });
    expect(readConfig({ OLLAMA_HOST: "http://a:1", PUNA_TLS_CERT: "/x/cert.pem" }).host.scheme).toBe("http");
    expect(readConfig({ PUNA_TLS_CERT: "/x/cert.pem" }).host.port).toBe(11434);
  });

  test("a trusted certificate that is none", async () => {
    const file = path.join(folder, "x.pem");
    writeFileSync(file, "no");
    await expect(heartbeat("https://127.0.0.1:1", { tlsTrusted: file })).rejects.toThrow(
      /^PUNA_TLS_CA: .*x\.pem is no certificate in PEM form/,
    );
  });
});

describe("files that are no good", () => {
  const at = (name: string, text: string) => {
    const file = path.join(folder, name);
    writeFileSync(file, text);
    return file;
  };
  const read = (tlsCertificate: string | undefined, tlsKey: string | undefined) => () => readTls({ tlsCertificate, tlsKey });

  test("each is named with what is wrong", () => {
    const { cert, key } = writeCertificate(folder);
    mkdirSync(path.join(folder, "other"));
    const other = writeCertificate(path.join(folder, "other"));
    const locked = generateKeyPairSync("ec", {
      namedCurve: "P-256",
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem", cipher: "aes-256-cbc", passphrase: "x" },
    }).privateKey;
    expect(read(undefined, undefined)()).toBeUndefined();
    expect(read(cert, undefined)).toThrow("PUNA_TLS_CERT is set without PUNA_TLS_KEY: set both, or neither");
    expect(read(undefined, key)).toThrow("PUNA_TLS_KEY is set without PUNA_TLS_CERT: set both, or neither");
    expect(read("/nowhere/cert.pem", key)).toThrow(/^PUNA_TLS_CERT: cannot read \/nowhere\/cert.pem: ENOENT/);
    expect(read(at("a.pem", "hello"), key)).toThrow(/^PUNA_TLS_CERT: .*a\.pem is no certificate in PEM form/);
    expect(read(key, key)).toThrow(/^PUNA_TLS_CERT: .*key\.pem is no certificate in PEM form/);
    expect(read(cert, at("b.pem", "hello"))).toThrow(/^PUNA_TLS_KEY: .*b\.pem is no private key in PEM form/);
    expect(read(cert, at("c.pem", locked))).toThrow(/^PUNA_TLS_KEY: .*c\.pem is locked with a passphrase/);
    expect(read(cert, other.key)).toThrow(/^PUNA_TLS_KEY: .*key\.pem is not the key of the certificate .*cert\.pem$/);
  });

  test("a server does not start with them", async () => {
    const where = { host: parseHost("127.0.0.1:0"), tlsCertificate: "/nowhere/cert.pem", tlsKey: "/nowhere/key.pem" };
    await expect(listen(new Hono(), where)).rejects.toThrow("PUNA_TLS_CERT: cannot read /nowhere/cert.pem");
  });
});
