/** Filling in the middle over HTTP, with the real engine. */
import { mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configureLog } from "../../src/log.ts";
import { writeInfillModel } from "../fixtures/infill-model.ts";
import { type RealServer, realServer } from "../fixtures/real-server.ts";
import { testServer } from "../fixtures/server.ts";

configureLog({ write: () => {} });

let server: RealServer;
let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), "puna-infill-"));
  server = await realServer();
  await writeInfillModel(path.join(folder, "fim.gguf"));
  await writeInfillModel(path.join(folder, "plain.gguf"), { withMarks: false });
  await server.create("fim", path.join(folder, "fim.gguf"));
  await server.create("plain", path.join(folder, "plain.gguf"));
  await server.create("templated", path.join(folder, "plain.gguf"), { template: "<P>{{ .Prompt }}<S>{{ .Suffix }}<M>" });
});
afterAll(async () => {
  await server?.close();
  rmSync(folder, { recursive: true, force: true });
});

// biome-ignore lint/suspicious/noExplicitAny: whatever the wire holds
const ask = async (route: string, body: object): Promise<any> => await (await server.post(route, body)).json();
const gap = { input_prefix: "function add(a, b) {\n", prompt: "  return ", input_suffix: "\n}\n", n_predict: 12, temperature: 0 };
/** Tokens of a text: bytes, where a space is the three bytes of U+2581. */
const size = (text: string) => Buffer.byteLength(text.replaceAll(" ", "▁"));
const code = size(gap.input_prefix + gap.prompt + gap.input_suffix);
const whole = "<|fim_prefix|>function add(a, b) {\n  return <|fim_suffix|>\n}\n<|fim_middle|>";

describe("/infill", () => {
  test("the shape of llama.cpp's server", async () => {
    const answer = await ask("/infill", { model: "fim", ...gap });
    expect(answer).toMatchObject({
      index: 0,
      stop: true,
      truncated: false,
      prompt: whole,
      // BOS, three marks, and a token a byte.
      tokens_evaluated: 4 + code,
      generation_settings: { n_predict: 12, temperature: 0, n_ctx: 512 },
      timings: { predicted_n: answer.tokens_predicted, prompt_n: expect.any(Number) },
    });
    expect(answer.tokens_predicted).toBeLessThanOrEqual(12);
    expect(answer.stop_type).toBe(answer.tokens_predicted === 12 ? "limit" : "eos");
  });

  test("streamed says the same", async () => {
    const answer = await ask("/infill", { model: "fim", ...gap });
    const response = await server.post("/infill", { model: "fim", ...gap, stream: true });
    expect(response.headers.get("content-type")).toContain("text/event-stream");
    const events = (await response.text())
      .trimEnd()
      .split("\n\n")
      .map((line) => JSON.parse(line.replace(/^data: /, "")));
    expect(events.map(({ content }) => content).join("")).toBe(answer.content);
    expect(events.slice(0, -1).every(({ stop }) => stop === false)).toBe(true);
    expect(events.at(-1)).toMatchObject({ stop: true, content: "", tokens_predicted: answer.tokens_predicted, prompt: whole });
  });

  test("other files, marks inside the code, and nothing around the cursor", async () => {
    const extra = [{ filename: "math.js", text: "<|fim_middle|>" }];
    const answer = await ask("/infill", { model: "fim", ...gap, input_extra: extra });
    expect(answer.prompt).toBe(`<|file_sep|>math.js\n<|fim_middle|>\n${whole}`);
    // The mark in the text is fourteen bytes, not one token.
    expect(answer.tokens_evaluated).toBe(4 + code + 2 + size("repository\n" + "math.js\n<|fim_middle|>\n"));
    const empty = await ask("/infill", { model: "fim", n_predict: 1 });
    expect(empty.tokens_evaluated).toBe(4);
  });

  test("without a model's name it is the one in memory", async () => {
    await ask("/infill", { model: "fim", ...gap, n_predict: 0 });
    for (const model of ["plain", "templated"]) await ask("/api/generate", { model, keep_alive: 0 });
    const { models } = (await (await fetch(`${server.url}/api/ps`)).json()) as { models: { name: string }[] };
    expect(models.map(({ name }) => name)).toEqual(["fim:latest"]);
    expect((await ask("/infill", gap)).prompt).toBe(whole);
  });

  test("what does not fit is cut far from the cursor, and said", async () => {
    const response = await server.post("/infill", { model: "fim", ...gap, input_prefix: "x".repeat(2000) });
    const tokens = 4 + 2000 + size(gap.prompt + gap.input_suffix);
    expect(response.headers.get("puna-prompt-truncated")).toMatch(new RegExp(`^tokens=${tokens}; kept=\\d+; messages=0$`));
    expect(await response.json()).toMatchObject({ truncated: true, prompt_truncated: true, prompt_tokens_original: tokens });
  });

  test("a bound on time ends it after a line", async () => {
    const answer = await ask("/infill", { model: "fim", ...gap, n_predict: 200, temperature: 2, seed: 1, t_max_predict_ms: 1 });
    expect(["limit", "eos"]).toContain(answer.stop_type);
  });

  test("refusals, in OpenAI's words", async () => {
    const refused = async (body: object) => (await ask("/infill", body)).error;
    expect(await refused({ model: "plain", ...gap })).toMatchObject({
      type: "invalid_request_error",
      message: "registry.ollama.ai/library/plain:latest does not support insert",
    });
    expect((await refused({ model: "nope" })).message).toBe("model 'nope' not found");
    expect((await refused({ model: "fim", input_prefix: 5 })).message).toContain("input_prefix");
  });
});

describe("suffix in /api/generate", () => {
  const request = { prompt: "a", suffix: "b", stream: false, _debug_render_only: true };
  test("the model's template comes first, then the vocabulary", async () => {
    expect((await ask("/api/generate", { model: "templated", ...request }))._debug_info.rendered_template).toBe("<P>a<S>b<M>");
    expect((await ask("/api/generate", { model: "fim", ...request }))._debug_info.rendered_template).toBe(
      "<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>",
    );
    expect((await ask("/api/generate", { model: "plain", ...request })).error).toBe(
      "registry.ollama.ai/library/plain:latest does not support insert",
    );
  });

  test("a template that knows a suffix is used for it, though another writes the conversations", async () => {
    const other = await testServer({ OLLAMA_GO_TEMPLATE: "0" });
    await other.make("both", { template: "<P>{{ .Prompt }}<S>{{ .Suffix }}<M>", jinja: "{{ messages[0].content }}" });
    const asked = async (body: object) =>
      JSON.parse(await (await other.post("/api/generate", { model: "both", ...body })).text());
    expect((await asked(request))._debug_info.rendered_template).toBe("<P>a<S>b<M>");
    expect((await asked({ ...request, suffix: "" }))._debug_info.rendered_template).toBe("a");
    const gap = await other.post("/infill", { model: "both", input_prefix: "a", input_extra: [{ filename: "f", text: "t" }] });
    expect(JSON.parse(await gap.text()).prompt).toBe("<P>f\nt\n\na<S>\n<M>");
    await other.close();
  });

  test("an answer", async () => {
    const answer = await ask("/api/generate", {
      model: "fim",
      prompt: "a",
      suffix: "b",
      stream: false,
      options: { num_predict: 5 },
    });
    expect(answer).toMatchObject({ done: true, prompt_eval_count: 6 });
  });
});
