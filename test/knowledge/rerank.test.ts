/** A knowledge base with a reranking model that really runs. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { writeRankModel } from "../fixtures/rank-model.ts";
import { miniModel } from "../fixtures/real-server.ts";
import { type Engine, engine } from "../support/engine.ts";
import { shelf } from "../support/shelf.ts";

configureLog({ write: () => {} });

let models: Engine;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-rank-"));
  const file = path.join(folder, "ranker.gguf");
  await writeRankModel(file);
  models = engine();
  await models.create("ranker", file);
  await models.create("mini", miniModel);
});
afterAll(async () => {
  await models?.close();
  rmSync(folder, { recursive: true, force: true });
});

const texts = {
  "a.txt": "Which tree is the stone tree: the iron tree is.",
  "b.txt": "Which tree is a tree of stone and plum and pear and apple.",
  "c.txt": "Iron and stone and iron. No tree.",
  "d.txt": `Pear pear pear, and then a long tale. ${"Stone iron stone. ".repeat(60)}`,
};

test("the passages come in its order", async () => {
  const base = await shelf(texts, { reranker: await models.findReranker("ranker") });
  const query = "which is the stone tree";
  const { hits, notices } = await base.search(query, { limit: 3 });
  expect(notices).toEqual([]);
  // The model likes fruit; words alone like what has more of the question.
  expect(hits[0]).toMatchObject({ document: "b.txt", relevance: expect.any(Number) });
  const relevances = hits.map(({ relevance = Number.NaN }) => relevance);
  expect(relevances).toEqual([...relevances].sort((a, b) => b - a));
  for (const relevance of relevances) expect(relevance > 0 && relevance < 1).toBe(true);
  expect((await base.search(query, { rerank: false })).hits[0]?.document).toBe("a.txt");
  await base.close();
});

test("a model that cannot rank is refused, and one that is not there", async () => {
  await expect(models.findReranker("mini")).rejects.toThrow('"mini" cannot rank texts: choose a model with rank pooling');
  await expect(models.findReranker("nope")).rejects.toThrow(
    `the reranking model "nope" is not here: get it with 'puna pull nope'`,
  );
});
