/** One Puna pulls from another: with keys, by the key pair that every Puna and every Ollama has. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { miniModel } from "../fixtures/real-server.ts";
import { servedHome } from "../support/served-home.ts";

let from: Awaited<ReturnType<typeof servedHome>>;
let to: Awaited<ReturnType<typeof servedHome>>;
beforeAll(async () => {
  from = await servedHome({ PUNA_REGISTRY: "1", PUNA_REQUIRE_KEY: "1" });
  to = await servedHome();
  // In place: what is pulled is then a file outside the store.
  expect((await from.puna(["create", "mini", "-f", miniModel, "--in-place"])).code).toBe(0);
});
afterAll(async () => {
  await from[Symbol.asyncDispose]();
  await to[Symbol.asyncDispose]();
});

const digestOf = async (home: typeof from, name: string) =>
  new RegExp(`^\\S*${name}\\S* +([0-9a-f]{12})`, "m").exec((await home.puna(["list"])).out)?.[1];

test("a stranger is refused, a known client gets the same bytes", async () => {
  const name = `127.0.0.1:${from.port}/library/mini`;
  const refused = await to.puna(["pull", name]);
  expect([refused.code, refused.err]).toEqual([1, expect.stringContaining("access denied")]);
  expect(await digestOf(to, "mini")).toBeUndefined();

  const publicKey = path.join(to.home, "id_ed25519.pub");
  expect(existsSync(publicKey)).toBe(true);
  expect((await from.puna(["key", "create", "laptop", "--scope", "registry", "--client", publicKey])).code).toBe(0);
  const pulled = await to.puna(["pull", name]);
  expect([pulled.code, pulled.err.includes("success")]).toEqual([0, true]);
  expect(await digestOf(to, "mini")).toBe(await digestOf(from, "mini"));
  const blobs = path.join(to.home, "models", "blobs");
  const sizes = readdirSync(blobs).map((blob) => readFileSync(path.join(blobs, blob)).length);
  expect(Math.max(...sizes)).toBe(readFileSync(miniModel).length);
  expect((await to.puna(["run", name, "Who are you?"])).code).toBe(0);

  await from.puna(["key", "revoke", "laptop"]);
  await to.puna(["rm", name]);
  expect((await to.puna(["pull", name])).code).toBe(1);
});

test("it is for pulling only", async () => {
  await from.puna(["key", "create", "all", "--scope", "admin", "--client", path.join(to.home, "id_ed25519.pub")]);
  await to.puna(["create", `127.0.0.1:${from.port}/me/mine`, "-f", miniModel]);
  const pushed = await to.puna(["push", `127.0.0.1:${from.port}/me/mine`]);
  expect([pushed.code, pushed.err]).toEqual([1, expect.stringContaining("this registry is for pulling only")]);
});
