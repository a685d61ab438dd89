/** GET /metrics: what goes on, for Prometheus. */
import type { Context } from "hono";
import type { Config } from "../../config.ts";
import { displayName } from "../../models/name.ts";
import type { ModelCounts, RuntimeCounts } from "../../runtime/counts.ts";
import type { LoadedModel, Runtime } from "../../runtime/types.ts";
import type { Deps } from "../deps.ts";
import { forbidden } from "../guard/allowed-models.ts";
import { isLoopback } from "../guard/hosts.ts";
import type { HttpCounts } from "../http-counts.ts";
import { type LoadedStats, statsOf } from "../loaded-stats.ts";
import { type Family, PROMETHEUS_TYPE, prometheusText } from "../prometheus.ts";

/** Names of models and how much they are used are nobody else's business: only this machine is told, unless it is asked for. */
export function hasMetrics({ metrics, host }: Pick<Config, "metrics" | "host">): boolean {
  return metrics ?? isLoopback(host.hostname);
}

export function metrics({ runtime, config, version }: Deps, http: HttpCounts) {
  const started = Date.now() / 1000;
  return async (c: Context): Promise<Response> => {
    const loaded = runtime.loaded().filter(({ model }) => !forbidden(model.name));
    const stats = await Promise.all(loaded.map(async (one) => ({ one, stats: await statsOf(one) })));
    const families = [
      gauge("puna_info", "Version of Puna; always 1.", [{ labels: { version }, value: 1 }]),
      gauge("puna_start_time_seconds", "When this server started, in seconds since 1970.", [{ value: started }]),
      ...http.families(),
      gauge("puna_queue_requests", "Requests that wait for a model.", [{ value: runtime.waiting }]),
      gauge("puna_queue_limit", "How many may wait before new ones are refused.", [{ value: config.maxQueue }]),
      ...runtimeFamilies(runtime.counts),
      ...modelFamilies(runtime),
      ...loadedFamilies(stats),
    ];
    return c.body(prometheusText(families), 200, { "Content-Type": PROMETHEUS_TYPE });
  };
}

function runtimeFamilies({ loads, failedLoads, evictions, deaths, refused, loadSeconds }: RuntimeCounts): Family[] {
  return [
    counter("puna_model_loads_total", "Models loaded.", [{ value: loads }]),
    counter("puna_model_load_failures_total", "Loads that failed.", [{ value: failedLoads }]),
    counter("puna_model_evictions_total", "Models unloaded to make room for another.", [{ value: evictions }]),
    counter("puna_runner_deaths_total", "Runners that died without being told to.", [{ value: deaths }]),
    counter("puna_queue_refusals_total", "Requests refused because too many were waiting.", [{ value: refused }]),
    { name: "puna_model_load_seconds", type: "histogram", help: "Time to load a model.", samples: [{ value: loadSeconds }] },
  ];
}

function modelFamilies({ counts }: Runtime): Family[] {
  const models = [...counts.models];
  const each = (value: (counts: ModelCounts) => number) =>
    models.map(([model, counts]) => ({ labels: { model }, value: value(counts) }));
  return [
    counter(
      "puna_answers_total",
      "Answers by how they ended.",
      models.flatMap(([model, { answers }]) => [...answers].map(([reason, value]) => ({ labels: { model, reason }, value }))),
    ),
    counter(
      "puna_prompt_tokens_total",
      "Tokens of prompts.",
      each(({ promptTokens }) => promptTokens),
    ),
    counter(
      "puna_cached_prompt_tokens_total",
      "Those of them found in the cache.",
      each(({ cachedTokens }) => cachedTokens),
    ),
    counter(
      "puna_generated_tokens_total",
      "Tokens of answers.",
      each(({ generatedTokens }) => generatedTokens),
    ),
    counter(
      "puna_embedded_inputs_total",
      "Texts embedded.",
      each(({ embeddedInputs }) => embeddedInputs),
    ),
    counter(
      "puna_ranked_inputs_total",
      "Pairs ranked.",
      each(({ rankedInputs }) => rankedInputs),
    ),
    counter(
      "puna_input_tokens_total",
      "Tokens of texts embedded or ranked.",
      each(({ inputTokens }) => inputTokens),
    ),
    {
      name: "puna_prompt_seconds",
      type: "histogram",
      help: "Time to read a prompt.",
      samples: models.map(([model, { promptSeconds }]) => ({ labels: { model }, value: promptSeconds })),
    },
    {
      name: "puna_answer_seconds",
      type: "histogram",
      help: "Time to write an answer once the prompt was read.",
      samples: models.map(([model, { answerSeconds }]) => ({ labels: { model }, value: answerSeconds })),
    },
  ];
}

function loadedFamilies(all: { one: LoadedModel; stats: LoadedStats | undefined }[]): Family[] {
  const each = (value: (of: LoadedModel) => number) =>
    all.map(({ one }) => ({ labels: { model: displayName(one.model.name) }, value: value(one) }));
  const stat = (value: (of: LoadedStats) => number) =>
    all.flatMap(({ one, stats }) => (stats ? [{ labels: { model: displayName(one.model.name) }, value: value(stats) }] : []));
  return [
    gauge(
      "puna_loaded_model_bytes",
      "Memory that a model in memory takes.",
      each(({ sizeBytes }) => sizeBytes),
    ),
    gauge(
      "puna_active_requests",
      "Requests that hold a model.",
      each(({ active }) => active),
    ),
    gauge(
      "puna_waiting_requests",
      "Requests that hold a model and wait for a slot.",
      stat(({ waiting }) => waiting),
    ),
    gauge(
      "puna_slots",
      "Answers that a model can write at once.",
      each(({ info }) => info?.shape.sequences ?? 0),
    ),
    gauge(
      "puna_busy_slots",
      "Answers being written.",
      stat(({ activeSequences }) => activeSequences),
    ),
    gauge(
      "puna_kv_cells",
      "Size of the KV cache, in tokens.",
      stat(({ cells }) => cells),
    ),
    gauge(
      "puna_kv_cells_used",
      "Tokens in the KV cache, of kept prefixes too.",
      stat(({ cellsUsed }) => cellsUsed),
    ),
    gauge(
      "puna_prefix_cache_bytes",
      "RAM that kept prefixes take.",
      stat(({ prefixBytes }) => prefixBytes),
    ),
    gauge(
      "puna_prefixes",
      "Prefixes kept.",
      stat(({ prefixes }) => prefixes),
    ),
    gauge(
      "puna_runner_rss_bytes",
      "Resident memory of the runner.",
      stat(({ rssBytes }) => rssBytes),
    ),
    gauge(
      "puna_step_p50_seconds",
      "Median time of the last steps.",
      stat(({ stepMsP50 }) => stepMsP50 / 1000),
    ),
    gauge(
      "puna_step_p99_seconds",
      "Time that 99 of 100 of the last steps kept within.",
      stat(({ stepMsP99 }) => stepMsP99 / 1000),
    ),
  ];
}

function counter(name: string, help: string, samples: Family["samples"]): Family {
  return { name, type: "counter", help, samples };
}

function gauge(name: string, help: string, samples: Family["samples"]): Family {
  return { name, type: "gauge", help, samples };
}
