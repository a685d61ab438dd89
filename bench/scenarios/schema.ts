/**
 * S11: what a JSON Schema costs. On random weights nearly every free choice is refused and the whole vocabulary must be
 * masked, so that row is the worst case; the bundled model, which has learnt to write JSON, is the usual one.
 */
import { existsSync } from "node:fs";
import { compare, type Scenario, type Side } from "../bench.ts";
import type { Contestant } from "../contestant.ts";
import { bundledModel } from "../folders.ts";
import { Puna } from "../puna.ts";
import { promptOf } from "../vocabulary.ts";

const TOKENS = 96;
const schema = {
  type: "object",
  properties: {
    name: { type: "string", maxLength: 60 },
    age: { type: "integer", minimum: 0, maximum: 150 },
    email: { type: "string", maxLength: 60 },
    tags: { type: "array", items: { type: "string", maxLength: 30 }, maxItems: 5 },
    score: { type: "number" },
    active: { type: "boolean" },
  },
  required: ["name", "age", "email", "tags", "score", "active"],
};

export const jsonSchema: Scenario = {
  id: "S11",
  title: "JSON Schema",
  async run(bench) {
    const what = (model: string) => ({ scenario: "S11", what: `6-field schema, ${model}`, unit: "tok/s" });
    const random = promptOf(64);
    await compare(bench, what("random weights"), sideOf(bench.puna, random, true), sideOf(bench.puna, random, false));
    if (!existsSync(bundledModel)) return;
    const mini = await Puna.start({ threads: bench.options.threads, parallel: 1, context: 1024 });
    try {
      await mini.load(bundledModel);
      const prompt = "Describe Anna, 34 years old, as JSON.\n";
      await compare(bench, what("bundled model"), sideOf(mini, prompt, true), sideOf(mini, prompt, false), { atLeast: 0.95 });
    } finally {
      await mini.close();
    }
  },
};

function sideOf(contestant: Contestant, prompt: string, constrained: boolean): Side {
  return {
    name: constrained ? contestant.name : "no schema",
    measure: async () => {
      const answer = await contestant.generate({ prompt, tokens: TOKENS, ...(constrained ? { schema } : { endless: true }) });
      const ended = answer.tokens < TOKENS;
      const figure = (answer.tokens - 1) / ((answer.totalMs - answer.firstMs) / 1000);
      return { figure, tokens: answer.tokens, ...(constrained && ended && !isJson(answer.text) && { fault: "not JSON" }) };
    },
  };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
