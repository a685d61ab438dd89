import { describe, expect, test } from "vitest";
import { object, testServer } from "../../../test/fixtures/server.ts";
import { configureLog } from "../../log.ts";
import { Histogram } from "../../runtime/counts.ts";
import { prometheusText } from "../prometheus.ts";

configureLog({ write: () => {} });

describe("the text", () => {
  test("escapes labels and help, spells numbers, and writes histograms", () => {
    const histogram = new Histogram([1, 10]);
    for (const value of [0.5, 5, 50]) histogram.observe(value);
    const text = prometheusText([
      { name: "a_total", type: "counter", help: 'x\ny "z" \\', samples: [{ labels: { m: 'q"\\\n' }, value: 3 }] },
      { name: "none", type: "gauge", help: "nothing", samples: [] },
      { name: "inf", type: "gauge", help: "h", samples: [{ value: Number.POSITIVE_INFINITY }, { value: Number.NaN }] },
      { name: "h", type: "histogram", help: "h", samples: [{ labels: { p: "/" }, value: histogram }] },
    ]);
    expect(text).toBe(
      [
        '# HELP a_total x\\ny "z" \\\\',
        "# TYPE a_total counter",
        'a_total{m="q\\"\\\\\\n"} 3',
        "# HELP inf h",
        "# TYPE inf gauge",
        "inf +Inf",
        "inf NaN",
        "# HELP h h",
        "# TYPE h histogram",
        'h_bucket{p="/",le="1"} 1',
        'h_bucket{p="/",le="10"} 2',
        'h_bucket{p="/",le="+Inf"} 3',
        'h_sum{p="/"} 55.5',
        'h_count{p="/"} 3',
        "",
      ].join("\n"),
    );
  });
});

/** Every line is a comment, or a name with labels and a number; each name is declared once, before its lines. */
function parse(text: string): Map<string, number> {
  const values = new Map<string, number>();
  const declared = new Set<string>();
  for (const line of text.trimEnd().split("\n")) {
    const type = /^# TYPE (\S+) (counter|gauge|histogram)$/.exec(line);
    if (type) {
      expect(declared.has(type[1] ?? "")).toBe(false);
      declared.add(type[1] ?? "");
    }
    if (line.startsWith("#")) continue;
    const sample = /^([a-z0-9_]+)(\{[^}]*\})? (\S+)$/.exec(line);
    expect(sample, line).not.toBeNull();
    expect(declared.has((sample?.[1] ?? "").replace(/_(bucket|sum|count)$/, "")) || declared.has(sample?.[1] ?? "")).toBe(true);
    values.set(`${sample?.[1]}${sample?.[2] ?? ""}`, Number(sample?.[3]));
  }
  return values;
}

describe("the endpoint", () => {
  test("counts requests, tokens, loads and what is in use", async () => {
    const server = await testServer();
    await server.make("m", { template: "{{ range .Messages }}{{ .Content }}{{ end }}" });
    await server.make("vectors", { pooling: 1 });
    const chat = { model: "m", messages: [{ role: "user", content: "hello" }], stream: false };
    for (let i = 0; i < 3; i++) expect((await server.post("/api/chat", chat)).status).toBe(200);
    await server.post("/api/chat", { ...chat, model: "nope" });
    await (await server.post("/v1/messages", { ...chat, max_tokens: 2 })).text();
    await server.post("/api/embed", { model: "vectors", input: ["abc", "de"] });
    await server.app.request("/some/where/else");
    const response = await server.app.request("/metrics");
    expect(response.headers.get("content-type")).toBe("text/plain; version=0.0.4; charset=utf-8");
    const values = parse(await response.text());
    const expected: Record<string, number> = {
      'puna_http_requests_total{path="/api/chat",method="POST",status="200"}': 3,
      'puna_http_requests_total{path="/api/chat",method="POST",status="404"}': 1,
      'puna_http_requests_total{path="other",method="GET",status="404"}': 1,
      'puna_answers_total{model="m:latest",reason="stop"}': 3,
      'puna_answers_total{model="m:latest",reason="length"}': 1,
      'puna_prompt_tokens_total{model="m:latest"}': 20,
      'puna_generated_tokens_total{model="m:latest"}': 17,
      'puna_embedded_inputs_total{model="vectors:latest"}': 2,
      'puna_input_tokens_total{model="vectors:latest"}': 5,
      puna_model_loads_total: 2,
      puna_model_load_failures_total: 0,
      puna_queue_requests: 0,
      puna_queue_limit: 512,
      'puna_slots{model="m:latest"}': 8,
      'puna_active_requests{model="m:latest"}': 0,
      'puna_busy_slots{model="m:latest"}': 0,
      'puna_http_response_start_seconds_count{path="/api/chat"}': 4,
      'puna_answer_seconds_count{model="m:latest"}': 4,
    };
    expect(Object.fromEntries(Object.keys(expected).map((key) => [key, values.get(key)]))).toEqual(expected);
    await server.close();
  });

  test("failed loads, deaths and evictions", async () => {
    const server = await testServer({ OLLAMA_MAX_LOADED_MODELS: "1" });
    for (const name of ["a", "b"]) await server.make(name, { template: `{{ range .Messages }}{{ .Content }}{{ end }}${name}` });
    const say = async (model: string, content: string) =>
      await server.post("/api/chat", { model, messages: [{ role: "user", content }], stream: false });
    await say("a", "x");
    await server.make("c", { template: "{{ .Prompt }}", jinja: "{{ c }}" });
    await say("c", "x");
    expect((await say("c", "die now")).status).toBe(500);
    const values = parse(await (await server.app.request("/metrics")).text());
    expect([values.get("puna_model_loads_total"), values.get("puna_model_evictions_total")]).toEqual([2, 1]);
    expect(values.get("puna_runner_deaths_total")).toBe(1);
    await server.close();
  });

  test.each([
    [{}, 200],
    [{ PUNA_METRICS: "0" }, 404],
    [{ OLLAMA_HOST: "0.0.0.0", PUNA_REQUIRE_KEY: "0" }, 404],
    [{ OLLAMA_HOST: "0.0.0.0", PUNA_REQUIRE_KEY: "0", PUNA_METRICS: "1" }, 200],
  ])("with %j: %i", async (env, status) => {
    const server = await testServer(env as Record<string, string>);
    expect((await server.app.request("/metrics")).status).toBe(status);
    await server.close();
  });
});

test("/api/ps says what is in use", async () => {
  const server = await testServer({ OLLAMA_NUM_PARALLEL: "3" });
  await server.make("m");
  await server.post("/api/generate", { model: "m", prompt: "hi", stream: false });
  const body = await object(await server.app.request("/api/ps"));
  expect(body.queue).toEqual({ waiting: 0, limit: 512 });
  expect(body.models[0]).toMatchObject({
    name: "m:latest",
    slots: 3,
    active_requests: 0,
    busy_slots: 0,
    waiting_requests: 0,
    kv_cells: expect.any(Number),
    kv_cells_used: 0,
    prefix_cache: { entries: 0, bytes: 0 },
    runner_bytes: 0,
  });
  await server.close();
});
