/** `puna update` with the built command, a real server and a registry whose models change. */
import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startRegistry, type TestRegistry } from "../fixtures/registry.ts";
import { servedHome } from "../support/served-home.ts";

let at: Awaited<ReturnType<typeof servedHome>>;
let registry: TestRegistry;
beforeAll(async () => {
  registry = await startRegistry();
  at = await servedHome();
});
afterAll(async () => {
  await at[Symbol.asyncDispose]();
  await registry.close();
});

test("what was pulled is updated, what is current stays as it is, what was copied is left out", async () => {
  const [one, two] = [`${registry.host}/me/one:latest`, `${registry.host}/me/two:latest`];
  registry.addModel("me/one:latest", [randomBytes(1000)]);
  registry.addModel("me/two:latest", [randomBytes(1000)]);
  for (const name of [one, two]) await at.puna(["pull", name]);
  await at.puna(["cp", one, "mine"]);
  expect((await at.puna(["update", "--check"])).out.split("\n").sort()).toEqual(
    ["", `'${one}' is up to date`, `'${two}' is up to date`].sort(),
  );

  registry.addModel("me/two:latest", [randomBytes(1000)]);
  const checked = await at.puna(["update", "--check", two, one]);
  expect(checked).toMatchObject({ code: 0, out: `'${two}' is outdated\n'${one}' is up to date\n`, err: "" });
  const updated = await at.puna(["update"]);
  expect(updated.code).toBe(0);
  expect(updated.out.split("\n").sort()).toEqual(["", `'${one}' is up to date`, `updated '${two}'`].sort());
  expect(updated.err).toMatch(/writing manifest\n[\s\S]*success\nLeft out: 1 model that Puna did not pull/);
  expect((await at.puna(["update", "--check", two])).out).toBe(`'${two}' is up to date\n`);
});

test("models that are not here, and registries that are gone", async () => {
  expect(await at.puna(["update", "nothing"])).toMatchObject({
    code: 1,
    out: "",
    err: "Error: nothing: model 'nothing:latest' not found\nError: 1 of 1 models could not be updated\n",
  });
  registry.manifests.clear();
  const { code, err } = await at.puna(["update"]);
  expect(code).toBe(1);
  expect(err.match(/^Error: .*: pull model manifest: file does not exist$/gm)).toHaveLength(2);
});
