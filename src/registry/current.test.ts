import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startRegistry, type TestRegistry } from "../../test/fixtures/registry.ts";
import { readConfig } from "../config.ts";
import { type ModelName, parseName } from "../models/name.ts";
import { ModelStore } from "../models/store.ts";
import { RegistryClient } from "./client.ts";

let folder: string;
let registry: TestRegistry;
let store: ModelStore;
let client: RegistryClient;
let name: ModelName;
const options = { insecure: true, signal: new AbortController().signal };

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-current-"));
  registry = await startRegistry();
  const config = readConfig({ PUNA_HOME: folder });
  store = new ModelStore(config.models);
  client = new RegistryClient({ store, config, versions: { puna: "0.1.0", ollama: "0.32.0" }, times: { backoffMs: 1 } });
  const parsed = parseName(`${registry.host}/me/m`);
  if (!parsed) throw new Error("no name");
  name = parsed;
});
afterEach(async () => {
  client.close();
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

async function pull(): Promise<void> {
  for await (const _ of client.pull(name, options));
}

async function isPulled(of = name): Promise<boolean> {
  const recall = await client.pulled.recall();
  return recall(of, (await store.manifest(of)).digest);
}

test("a model is current until its registry has another one, and nothing is fetched to know", async () => {
  registry.addModel("me/m:latest", [randomBytes(100)]);
  await pull();
  expect(await client.isCurrent(name, options)).toBe(true);
  registry.addModel("me/m:latest", [randomBytes(100)]);
  const before = registry.asked.length;
  expect(await client.isCurrent(name, options)).toBe(false);
  expect(registry.asked.slice(before).every(({ path }) => path.includes("/manifests/"))).toBe(true);
  await pull();
  expect(await client.isCurrent(name, options)).toBe(true);
});

test("what is not here, and what the registry does not have", async () => {
  await expect(client.isCurrent(name, options)).rejects.toThrow(/model '.*me\/m:latest' not found/);
  registry.addModel("me/m:latest", [randomBytes(100)]);
  await pull();
  registry.manifests.clear();
  await expect(client.isCurrent(name, options)).rejects.toThrow("pull model manifest: file does not exist");
  const stopped = AbortSignal.abort();
  await expect(client.isCurrent(name, { ...options, signal: stopped })).rejects.toThrow("request canceled");
});

test("a pull is remembered until the model is another; a copy and a damaged memory are nothing pulled", async () => {
  registry.addModel("me/m:latest", [randomBytes(100)]);
  await pull();
  expect(await isPulled()).toBe(true);
  expect(await isPulled({ ...name, model: "M" })).toBe(true);
  const copy = { ...name, model: "copy" };
  await store.copy(name, copy);
  expect(await isPulled(copy)).toBe(false);
  const bytes = await store.manifestBytes(name);
  await store.writeManifest(name, Buffer.from(`${bytes} `));
  expect(await isPulled()).toBe(false);
  writeFileSync(path.join(folder, "pulled.json"), "{ damaged");
  await pull();
  expect(await isPulled()).toBe(true);
});
