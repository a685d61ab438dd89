#!/usr/bin/env node
// Asks a running server the questions of evaluation/ and writes SCORES.md.
//   node evaluate.mjs --url http://127.0.0.1:11434 --model mini [--out SCORES.md]
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { cases } from "./evaluation/cases.mjs";
import { judge } from "./evaluation/judge.mjs";
import { report } from "./evaluation/report.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const { values: given } = parseArgs({
  options: {
    url: { type: "string", default: "http://127.0.0.1:11434" },
    model: { type: "string", default: "mini" },
    out: { type: "string", default: join(here, "SCORES.md") },
  },
});

async function ask({ messages, tools, think }) {
  const body = {
    model: given.model,
    messages,
    think,
    stream: false,
    options: { temperature: 0, seed: 0, num_predict: 120, num_ctx: 2048 },
  };
  if (tools) body.tools = tools;
  const response = await fetch(new URL("/api/chat", given.url), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  return (await response.json()).message;
}

const read = (name) => readFileSync(join(here, "evaluation", name), "utf8");
const all = cases({
  handwritten: JSON.parse(read("handwritten.json")),
  generated: read("generated.jsonl")
    .trim()
    .split("\n")
    .map((l) => JSON.parse(l)),
  small: JSON.parse(read("small.json")),
});
const began = Date.now();
const results = [];
for (const one of all) {
  const message = await ask(one);
  results.push({ ...one, message, verdict: judge(one, message) });
}
const text = report(results, (Date.now() - began) / 1000);
writeFileSync(given.out, text);
console.log(text);
