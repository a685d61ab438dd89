/** From a folder of safetensors to an answer: the command line, a real server, the real engine. */

import { afterAll, beforeAll, expect, it } from "vitest";
import { createClient } from "../../src/cli/client.ts";
import { createFromModelfile } from "../../src/cli/session/create-model.ts";
import { readConfig } from "../../src/config.ts";
import { fixture } from "../convert/fixtures.ts";
import { type RealServer, realServer } from "../fixtures/real-server.ts";
import { object } from "../fixtures/server.ts";
import { recordedTerminal } from "../support/recorded-terminal.ts";

let server: RealServer;
beforeAll(async () => {
  server = await realServer();
});
afterAll(() => server.close());

async function create(name: string, folder: string, quantize?: string): Promise<string> {
  const { terminal, written } = recordedTerminal();
  const client = createClient(readConfig({ OLLAMA_HOST: server.url }).host);
  await createFromModelfile(name, { modelfile: fixture(folder), quantize }, { client, terminal });
  return written.err;
}

it("a folder becomes a model that answers", async () => {
  const said = await create("tiny", "llama", "q8_0");
  expect(said).toMatch(/converting model[\s\S]*quantizing F16 model to Q8_0[\s\S]*success\n$/);
  const shown = await object(await server.post("/api/show", { model: "tiny" }));
  expect(shown.details).toMatchObject({ family: "llama", quantization_level: "Q8_0", format: "gguf" });
  const body = {
    model: "tiny",
    prompt: "The llama",
    raw: true,
    stream: false,
    options: { num_predict: 4, temperature: 0, seed: 1 },
  };
  const answer = await object(await server.post("/api/generate", body));
  expect(answer).toMatchObject({ done: true, eval_count: expect.any(Number) });
  expect(answer.eval_count).toBeGreaterThan(0);
});

it("an embedding folder becomes a model that embeds", async () => {
  await create("vectors", "nomic-bert");
  const answer = await object(await server.post("/api/embed", { model: "vectors", input: ["The llama", "高原"] }));
  expect(answer.embeddings.map((vector: number[]) => vector.length)).toEqual([24, 24]);
});
