/** `puna pull`, `puna push` and `puna run` of an absent model, as a person types them. */
import { expect, test } from "vitest";
import { startRegistry } from "../fixtures/registry.ts";
import { servedHome } from "../support/served-home.ts";

test("pull, push and run", async () => {
  await using registry = await startRegistry();
  await using at = await servedHome({ PUNA_MIRRORS: `registry.ollama.ai=${registry.url}` });
  const manifest = registry.addModel("library/m:latest", [Buffer.from("weights"), Buffer.from("{{ .Prompt }}")]);

  const pulled = await at.puna(["pull", "m"]);
  expect(pulled).toMatchObject({ code: 0, out: "" });
  expect(pulled.err).toMatch(
    /^pulling manifest\n(pulling [0-9a-f]{12}\n){3}verifying sha256 digest\nwriting manifest\nsuccess\n$/,
  );
  expect((await at.puna(["ls"])).out).toMatch(/\nm:latest +[0-9a-f]{12} /);

  const name = `${registry.host}/me/m`;
  await at.puna(["cp", "m", name]);
  expect(await at.puna(["push", name, "--insecure"])).toMatchObject({
    code: 0,
    out: `\nYou can find your model at:\n\n\t${name}:latest\n`,
  });
  expect(registry.manifests.get("me/m:latest")?.equals(manifest)).toBe(true);

  expect(await at.puna(["pull", "nowhere"])).toMatchObject({
    code: 1,
    err: "pulling manifest\nError: pull model manifest: file does not exist\n",
  });
  expect(await at.puna(["run", "nowhere", "hi"])).toMatchObject({
    code: 1,
    out: "",
    err: "pulling manifest\nError: pull model manifest: file does not exist\n",
  });
  registry.options.fault = () => ({ status: 401 });
  expect(await at.puna(["push", name, "--insecure"])).toMatchObject({
    code: 1,
    err: expect.stringMatching(
      /Error: you are not authorized to push to this namespace, create the model under a namespace you own\n$/,
    ),
  });
});
