/** POST /puna/knowledge/{base}/compare: two indexes on the base's own questions. */
import { z } from "zod";
import { Invalid, NotFound } from "../../errors.ts";
import type { KnowledgeStore } from "../../knowledge/bases.ts";
import { endpoint } from "./endpoint.ts";
import { evaluationShape, wireEvaluation } from "./evaluation-shape.ts";
import { requestedBase } from "./requested.ts";

const indexName = z.union([z.int(), z.string()]);

export const compareEndpoint = endpoint({
  method: "POST",
  path: "/puna/knowledge/:base/compare",
  summary: "Compares two indexes on the base's own questions, or on some made of its sentences",
  body: z.object({
    a: indexName.describe("The id of an index, or its embedder"),
    b: indexName,
    wait: z.boolean().nullish().describe("false: does not wait for the end; see the evaluation's events"),
  }),
  gives: z.object({ evaluation: evaluationShape }),
  async handle({ c, deps: { knowledge }, body: { a, b, wait } }) {
    const { id: base } = requestedBase({ knowledge }, c);
    const spaces = { a: await spaceOf(knowledge, base, a), b: await spaceOf(knowledge, base, b) };
    const { id } = await knowledge.evaluations.compare(base, spaces);
    if (wait !== false) await knowledge.evaluations.wait(id);
    return { evaluation: wireEvaluation(knowledge.evaluations.byId(base, id)) };
  },
});

async function spaceOf(knowledge: KnowledgeStore, base: number, name: number | string): Promise<number> {
  const spaces = await knowledge.spaces(base);
  const wanted = String(name).trim();
  const found = spaces.filter(
    ({ id, embedder }) => String(id) === wanted || embedder === wanted || embedder === `${wanted}:latest`,
  );
  const [first, ...others] = found;
  if (!first) throw new NotFound(`there is no index ${JSON.stringify(name)} in this knowledge base (see 'puna kb index NAME')`);
  if (others.length > 0) throw new Invalid(`${JSON.stringify(name)} made several indexes: name one by its number`);
  return first.id;
}
