/** Keys, HTTPS, files in place and the registry with the built command, as a person uses them. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readConfig } from "../../src/config.ts";
import { configureLog } from "../../src/log.ts";
import { serve } from "../../src/server/listen.ts";
import { miniModel } from "../fixtures/real-server.ts";
import { writeCertificate } from "../support/certificate.ts";
import { servedHome } from "../support/served-home.ts";

configureLog({ write: () => {} });

let folder: string;
let at: Awaited<ReturnType<typeof servedHome>>;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-keys-e2e-"));
  at = await servedHome({ PUNA_REQUIRE_KEY: "1", PUNA_REGISTRY: "1" });
});
afterAll(async () => {
  await at[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

describe("keys", () => {
  /** Another user of the machine: the same server, another folder. */
  const stranger = async (words: string[], key?: string) =>
    await at.puna(words, { env: { PUNA_HOME: path.join(folder, "stranger"), ...(key && { PUNA_API_KEY: key }) } });

  test("made by who runs the server, used by others, gone when revoked", async () => {
    expect((await at.puna(["list"])).code).toBe(0);
    const refused = await stranger(["list"]);
    expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("Error: this server needs an API key: send one as")]);
    expect((await stranger(["key", "create", "mine"])).err).toContain("Error: this takes an API key with the scope 'admin'");

    const made = await at.puna(["key", "create", "laptop", "--expires", "90d"]);
    expect(made.err).toMatch(/^Key 'laptop' for inference, until \d months from now\.\nKeep it now: it is not shown again\.\n$/);
    const key = made.out.trim();
    expect(key).toMatch(/^puna_[0-9a-f]{8}_[0-9a-f]{48}$/);
    expect((await stranger(["list"], key)).code).toBe(0);
    expect((await stranger(["cp", "a", "b"], key)).err).toBe(
      "Error: the API key 'laptop' lacks the scope 'models' (it has: inference)\n",
    );
    expect((await at.puna(["key", "list"])).out).toMatch(
      /^NAME +ID +SCOPES +MODELS +EXPIRES +USED +\nlaptop +[0-9a-f]{8} +inference +all +\d months from now +/,
    );
    expect(await at.puna(["key", "revoke", "laptop"])).toMatchObject({ code: 0, out: "revoked 'laptop'\n" });
    expect((await stranger(["list"], key)).err).toBe("Error: this API key is revoked\n");
    expect((await at.puna(["key", "list"])).out).not.toContain("laptop");
  });

  test("neither the key nor the local secret can be read by others", () => {
    if (process.platform === "win32") return;
    for (const name of ["puna.db", "local-secret"]) expect(statSync(path.join(at.home, name)).mode & 0o777).toBe(0o600);
  });
});

test("files in place: no copy, and the file stays when the model goes", async () => {
  const file = path.join(folder, "mini.gguf");
  copyFileSync(miniModel, file);
  writeFileSync(path.join(folder, "Modelfile"), `FROM ${file}\nPARAMETER temperature 0\n`);
  const made = await at.puna(["create", "placed", "-f", path.join(folder, "Modelfile"), "--in-place"]);
  expect([made.code, made.out]).toEqual([0, ""]);
  const blobs = path.join(at.home, "models", "blobs");
  expect(readdirSync(blobs).every((name) => statSync(path.join(blobs, name)).size < 1_000_000)).toBe(true);
  expect((await at.puna(["run", "placed", "Who are you?"])).code).toBe(0);
  expect((await at.puna(["show", "placed", "--modelfile"])).out).toContain(`FROM ${file}\n`);
  expect((await at.puna(["rm", "placed"])).out).toBe("deleted 'placed'\n");
  expect([existsSync(file), readdirSync(path.join(at.home, "models", "references"))]).toEqual([true, []]);
});

test("HTTPS", async () => {
  const tls = path.join(folder, "tls");
  mkdirSync(tls);
  const { cert, key } = writeCertificate(tls);
  const home = path.join(folder, "secure");
  const secure = { PUNA_HOME: home, PUNA_TLS_CERT: cert, PUNA_TLS_KEY: key };
  const server = await serve(readConfig({ OLLAMA_HOST: "127.0.0.1:0", PUNA_REQUIRE_KEY: "1", ...secure }));
  const OLLAMA_HOST = server.url;
  expect(OLLAMA_HOST).toMatch(/^https:/);
  const run = async (env: Record<string, string>) =>
    (await at.puna(["list"], { env: { OLLAMA_HOST, PUNA_HOME: home, ...env } })).err;
  expect(await run({})).toContain("is not signed by anyone this machine trusts: set PUNA_TLS_CA");
  const trusting: Record<string, string>[] = [{ PUNA_TLS_CA: cert }, { NODE_EXTRA_CA_CERTS: cert }, secure];
  for (const env of trusting) expect(await run(env)).toBe("");
  await server.close();
});
