/** S11: what a JSON Schema costs. On random weights nearly every free choice is refused, so this is the worst case. */
import { compare, type Scenario, type Side } from "../bench.ts";
import type { Contestant } from "../contestant.ts";
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
    const row = { scenario: "S11", what: "6-field schema, random weights", unit: "tok/s" };
    const side = (contestant: Contestant, constrained: boolean): Side => ({
      name: constrained ? contestant.name : "no schema",
      measure: async () => {
        const answer = await contestant.generate({ prompt: promptOf(64), tokens: TOKENS, ...(constrained && { schema }) });
        const ended = answer.tokens < TOKENS;
        const figure = (answer.tokens - 1) / ((answer.totalMs - answer.firstMs) / 1000);
        return { figure, tokens: answer.tokens, ...(constrained && ended && !isJson(answer.text) && { fault: "not JSON" }) };
      },
    });
    await compare(bench, row, side(bench.puna, true), side(bench.puna, false), { atLeast: 0.95 });
  },
};

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
