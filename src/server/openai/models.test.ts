import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  await server.make("m");
  await server.make("vectors", { pooling: 1 });
  await server.post("/api/copy", { source: "vectors", destination: "me/vectors" });
});
afterAll(() => server.close());

const get = (path: string) => server.app.request(path);

describe("models", () => {
  test("are listed, and found by name in any case", async () => {
    const { object: kind, data } = await object(await get("/v1/models"));
    expect(kind).toBe("list");
    expect(data.map(({ id, owned_by }: { id: string; owned_by: string }) => `${id} ${owned_by}`).sort()).toEqual([
      "m:latest library",
      "me/vectors:latest me",
      "vectors:latest library",
    ]);
    expect(await object(await get("/v1/models/M"))).toEqual({
      id: "M",
      object: "model",
      created: expect.any(Number),
      owned_by: "library",
    });
    for (const name of ["me%2Fvectors", "me/vectors:latest", "me/vectors/"])
      expect((await get(`/v1/models/${name}`)).status).toBe(200);
  });

  test("one that is not here", async () => {
    const response = await get("/v1/models/nope");
    expect(response.status).toBe(404);
    expect(await object(response)).toEqual({
      error: { message: "model 'nope' not found", type: "not_found_error", param: "model", code: "model_not_found" },
    });
  });

  test("none at all is an empty list", async () => {
    const empty = await testServer();
    expect(await object(await empty.app.request("/v1/models"))).toEqual({ object: "list", data: [] });
    await empty.close();
  });
});
