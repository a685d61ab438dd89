import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { parseSize } from "./fit.ts";

let server: TestServer;
beforeEach(async () => {
  server = await testServer();
});
afterEach(() => server.close());

describe("POST /api/fit", () => {
  it("is exact for a model that is here", async () => {
    await server.make("tiny");
    const body = await object(await server.post("/api/fit", { model: "tiny", memory: 1e9 }));
    expect(body).toMatchObject({
      model: "tiny",
      exact: true,
      parameter_count: 24,
      memory: 1e9,
      context_length: 256,
      contexts: [256],
    });
    const f16 = body.quantizations.find(({ quantization }: { quantization: string }) => quantization === "F16");
    expect(f16).toMatchObject({ weights: 48, fits: true, largest_context: 256 });
    const short = await object(await server.post("/api/fit", { model: "tiny", memory: 1e6 }));
    expect(short.quantizations.every(({ fits }: { fits: boolean }) => !fits)).toBe(true);
  });

  it("goes by the rule of thumb for a number of parameters", async () => {
    const body = await object(await server.post("/api/fit", { model: "7B", memory: 6e9 }));
    expect(body).toMatchObject({ exact: false, parameter_count: 7e9, contexts: [] });
    const rows = body.quantizations.map((row: { quantization: string; needed: number[]; fits: boolean }) => [
      row.quantization,
      Math.round((row.needed[0] ?? 0) / 1e8) / 10,
      row.fits,
    ]);
    expect(rows).toContainEqual(["F16", 16.8, false]);
    expect(rows).toContainEqual(["Q8_0", 8.4, false]);
    expect(rows).toContainEqual(["Q4_K_M", 4.2, true]);
  });

  it.each([
    ["", 400, /model is required/],
    ["nothing", 404, /model 'nothing' not found, and it is no number of parameters/],
  ])("says what is wrong with %j", async (model, status, message) => {
    const response = await server.post("/api/fit", { model });
    expect(response.status).toBe(status);
    expect((await object(response)).error).toMatch(message);
  });
});

it.each([
  ["7B", 7e9],
  ["1.5b", 1.5e9],
  ["600 M", 6e8],
  ["1T", 1e12],
  ["4096", 4096],
  ["0B", undefined],
  ["7BB", undefined],
  ["-1B", undefined],
  ["1e9", undefined],
])("parseSize(%j) is %s", (text, size) => {
  expect(parseSize(text)).toBe(size);
});
