import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  await server.make("vectors", { pooling: 1 });
});
afterAll(() => server.close());

describe("embeddings", () => {
  const embed = (body: object) => server.post("/v1/embeddings", { model: "vectors", ...body });

  test("a text, texts, tokens and lists of tokens", async () => {
    expect(await object(await embed({ input: "ab" }))).toEqual({
      object: "list",
      data: [{ object: "embedding", embedding: [0.6, 0.8], index: 0 }],
      model: "vectors",
      usage: { prompt_tokens: 2, total_tokens: 2 },
    });
    for (const input of [
      ["a", "b"],
      [[97], [98]],
      ["a", [98]],
    ])
      expect((await object(await embed({ input }))).data.map(({ index }: { index: number }) => index)).toEqual([0, 1]);
    expect((await object(await embed({ input: [97, 98] }))).usage.total_tokens).toBe(2);
    expect((await object(await embed({ input: "a", dimensions: 1 }))).data[0].embedding).toEqual([1]);
  });

  test("base64 is little-endian float32", async () => {
    const { data } = await object(await embed({ input: "a", encoding_format: "BASE64" }));
    const bytes = Buffer.from(data[0].embedding, "base64");
    expect([bytes.readFloatLE(0), bytes.readFloatLE(4)]).toEqual([Math.fround(0.6), Math.fround(0.8)]);
  });

  test("what is cut is said", async () => {
    const response = await embed({ input: "x".repeat(500) });
    expect(response.headers.get("puna-truncated-inputs")).toBe("1");
    expect(await object(response)).toMatchObject({ truncated_inputs: 1 });
    const refused = await embed({ input: "x".repeat(500), truncate: false });
    expect([refused.status, (await object(refused)).error.code]).toEqual([400, "context_length_exceeded"]);
  });

  test.each([
    [{}, "invalid input"],
    [{ input: [] }, "invalid input"],
    [{ input: 7 }, "invalid input type"],
    [{ input: ["a", 7] }, "invalid input type"],
    [{ input: [[]] }, "invalid input type"],
    [{ input: [1.5] }, "invalid input type"],
    [
      { input: "a", encoding_format: "int8" },
      "Invalid value for 'encoding_format' = int8. Supported values: ['float', 'base64'].",
    ],
    [{ input: [[0x7fffffff]] }, expect.stringMatching(/no tokens of this model, whose vocabulary has 1114112/)],
    [{ input: "a", dimensions: -1 }, "dimensions must be a positive number"],
    [{ input: "!" }, "embedding contains NaN or Inf values"],
    [{ input: "a", options: { num_ctx: "x" } }, 'option "num_ctx" must be of type integer'],
  ])("%j is refused", async (body, message) => {
    const response = await embed(body);
    expect([response.status, (await object(response)).error]).toEqual([400, expect.objectContaining({ message })]);
  });

  test("whatever the input is, the answer is a list or an error in the envelope", async () => {
    await fc.assert(
      fc.asyncProperty(fc.jsonValue(), async (input) => {
        const response = await embed({ input });
        const body = await object(response);
        expect(response.status === 200 ? body.object : body.error.type).toBe(
          response.status === 200 ? "list" : "invalid_request_error",
        );
      }),
      { numRuns: 50 },
    );
  });
});
