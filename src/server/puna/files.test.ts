/** A file of this machine used in place, over HTTP. */
import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { lines, object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { localProof } from "../../accounts/local-proof.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let server: TestServer;
let file: string;
beforeAll(async () => {
  server = await testServer();
  const digest = await server.make("m");
  file = path.join(server.folder, "weights.gguf");
  writeFileSync(file, readFileSync(server.store.blobs.path(digest)));
  await server.app.request("/api/delete", { method: "DELETE", body: '{"model":"m"}' });
});
afterAll(() => server.close());

const use = async (body: unknown, headers?: Record<string, string>) =>
  await server.post("/puna/files", body, { headers: headers ?? proof() });
const proof = () => ({
  authorization: localProof(readFileSync(path.join(server.config.home, "local-secret"), "utf8").trim(), {
    method: "POST",
    path: "/puna/files",
  }),
});

test("from path to model", async () => {
  const last = (await lines(await use({ path: file }))).at(-1);
  expect(last).toMatchObject({ status: "success", digest: expect.stringMatching(/^sha256:/), total: readFileSync(file).length });
  const made = await server.post("/api/create", { model: "x", files: { "weights.gguf": last.digest }, stream: false });
  expect(await object(made)).toEqual({ status: "success" });
  expect((await object(await server.post("/api/show", { model: "x" }))).modelfile).toContain(`FROM ${file}\n`);
  const answer = { model: "x", prompt: "hi", raw: true, stream: false };
  expect(await object(await server.post("/api/generate", answer))).toMatchObject({ response: "hi" });
  await server.post("/api/generate", { model: "x", keep_alive: 0 });
  writeFileSync(file, `${readFileSync(file)}!`);
  const broken = await server.post("/api/generate", answer);
  expect([broken.status, (await object(broken)).error]).toEqual([
    500,
    expect.stringContaining(`${file}, which it uses in place, has changed since`),
  ]);
});

test("a model whose file is gone is listed all the same", async () => {
  const { models } = await object(await server.app.request("/api/tags"));
  expect(models.map(({ name }: { name: string }) => name)).toEqual(["x:latest"]);
});

test("only who may read the machine's files", async () => {
  expect((await use({ path: file }, {})).status).toBe(401);
  const { token } = server.keys.create({ name: "manager", scopes: ["models"] });
  expect((await use({ path: file }, { authorization: `Bearer ${token}` })).status).toBe(403);
});

test.each([
  [{}, "path is required"],
  [{ path: "/etc/hostname" }, "/etc/hostname cannot be used in place"],
  [{ path: "/nowhere/x.gguf" }, "/nowhere/x.gguf cannot be used in place"],
  [{ path: "/" }, "/ cannot be used in place"],
])("%j: %s", async (body, message) => {
  const response = await use(body);
  expect([response.status, (await object(response)).error]).toEqual([400, expect.stringContaining(message)]);
});
