/** Ranking and tokens over HTTP, with the real engine. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { writeRankModel } from "../fixtures/rank-model.ts";
import { miniModel, type RealServer, realServer } from "../fixtures/real-server.ts";

configureLog({ write: () => {} });

let server: RealServer;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-rank-"));
  const file = path.join(folder, "ranker.gguf");
  await writeRankModel(file);
  server = await realServer();
  await server.create("ranker", file);
  await server.create("mini", miniModel);
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: whatever the wire holds
const ask = async (route: string, body: object): Promise<any> => await (await server.post(route, body)).json();

describe("rerank", () => {
  const query = "which is a tree";
  const documents = ["the stone", "the apple", "iron stone iron", "apple pear plum", "the tree"];
  const order = [3, 1, 4, 0, 2];

  test.each(["/api/rerank", "/v1/rerank"])("%s: best first, scores between 0 and 1", async (route) => {
    const answer = await ask(route, { model: "ranker", query, documents });
    expect(answer).toMatchObject({ model: "ranker", object: "list" });
    expect(answer.results.map(({ index }: { index: number }) => index)).toEqual(order);
    const scores: number[] = answer.results.map((one: { relevance_score: number }) => one.relevance_score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    for (const score of scores) expect(score > 0 && score < 1).toBe(true);
    // [CLS] query [SEP] document [SEP], for each of the five.
    expect(answer.usage).toEqual({ prompt_tokens: 5 * (1 + 4 + 2) + 12, total_tokens: 5 * (1 + 4 + 2) + 12 });
  });

  test("a document alone and among many has one score", async () => {
    const { results } = await ask("/api/rerank", { model: "ranker", query, documents, raw_scores: true });
    for (const { index, relevance_score } of results) {
      const alone = await ask("/api/rerank", { model: "ranker", query, documents: [documents[index]], raw_scores: true });
      expect(alone.results[0].relevance_score).toBeCloseTo(relevance_score, 4);
    }
    const { results: between } = await ask("/api/rerank", { model: "ranker", query, documents });
    between.forEach(({ relevance_score }: { relevance_score: number }, i: number) => {
      expect(relevance_score).toBeCloseTo(1 / (1 + Math.exp(-results[i].relevance_score)), 6);
    });
  });

  test("top_n, documents as objects, and given back", async () => {
    const answer = await ask("/v1/rerank", {
      model: "ranker",
      query,
      documents: documents.map((text) => ({ text })),
      top_n: 2,
      return_documents: true,
    });
    expect(answer.results).toMatchObject([
      { index: 3, document: { text: "apple pear plum" } },
      { index: 1, document: { text: "the apple" } },
    ]);
    expect(answer.results).toHaveLength(2);
  });

  test("a document that is too long is cut and said, or refused", async () => {
    const long = { model: "ranker", query, documents: ["the apple", `apple ${"stone ".repeat(200)}`] };
    const response = await server.post("/api/rerank", long);
    expect(response.headers.get("puna-truncated-documents")).toBe("1");
    expect(await response.json()).toMatchObject({ truncated_documents: 1, usage: { prompt_tokens: 64 + 9 } });
    const refused = await server.post("/v1/rerank", { ...long, truncate: false });
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({
      error: {
        type: "invalid_request_error",
        code: "context_length_exceeded",
        message: expect.stringContaining("context of 64"),
      },
    });
    expect(await ask("/api/rerank", { model: "ranker", query: "tree ".repeat(100), documents: ["a"] })).toEqual({
      error: "the query has more tokens than the context of 64",
      code: "context_length_exceeded",
    });
  });

  test.each([
    [{ model: "" }, 400, "model is required"],
    [{ model: "nope" }, 404, "model 'nope' not found"],
    [{ model: "mini" }, 400, '"mini" does not support rerank: it needs a model with rank pooling'],
    [{ query: "" }, 400, "query is required"],
    [{ documents: [] }, 400, "documents is required"],
    [{ top_n: 0 }, 400, "top_n must be positive"],
    [{ documents: [7] }, 400, expect.stringContaining("RerankRequest.documents")],
  ])("refuses %j", async (body, status, error) => {
    const response = await server.post("/api/rerank", { model: "ranker", query, documents, ...body });
    const answer = (await response.json()) as { error: string };
    expect([response.status, answer.error]).toEqual([status, error]);
  });

  test("show says what it can do", async () => {
    expect((await ask("/api/show", { model: "ranker" })).capabilities).toEqual(["embedding", "rerank"]);
  });
});

describe("tokens", () => {
  test("there and back, in every script", async () => {
    for (const text of ["Hello, world!", "你好，世界 🦙", "", "  two  spaces\n\ttab"]) {
      const { tokens, count } = await ask("/api/tokenize", { model: "mini", text });
      expect(count).toBe(tokens.length);
      expect((await ask("/api/detokenize", { model: "mini", tokens })).text).toBe(text);
    }
  });

  test("special tokens, pieces, and llama.cpp's name for the text", async () => {
    const marked = { model: "mini", content: "<|im_start|>user" };
    const read = await ask("/api/tokenize", { ...marked, with_pieces: true });
    expect(read.pieces[0]).toBe("<|im_start|>");
    expect(read.pieces.join("")).toBe("<|im_start|>user");
    expect((await ask("/api/tokenize", { ...marked, parse_special: false })).count).toBeGreaterThan(read.count);
    const { tokens } = await ask("/api/tokenize", { model: "ranker", text: "apple", add_special: true });
    expect(tokens).toEqual([2, 5, 3]);
    expect((await ask("/api/tokenize", { model: "ranker", text: "apple" })).tokens).toEqual([5]);
  });

  test.each<[string, object, string | RegExp]>([
    ["tokenize", { model: "mini" }, "text is required"],
    ["tokenize", { text: "x" }, "model is required"],
    ["tokenize", { model: "nope", text: "x" }, "model 'nope' not found"],
    ["tokenize", { model: "mini", text: 5 }, /cannot unmarshal number/],
    ["detokenize", { model: "mini" }, "tokens is required"],
    ["detokenize", { model: "mini", tokens: [1, -1] }, /^tokens holds -1, which is not in the model's vocabulary/],
    ["detokenize", { model: "mini", tokens: [99999999] }, /^tokens holds 99999999/],
    ["detokenize", { model: "mini", tokens: ["a"] }, /cannot unmarshal string/],
  ])("%s refuses %j", async (what, body, error) => {
    const answer = await ask(`/api/${what}`, body);
    if (typeof error === "string") expect(answer.error).toBe(error);
    else expect(answer.error).toMatch(error);
  });
});
