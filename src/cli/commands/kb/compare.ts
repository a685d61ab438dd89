/** `puna kb compare BASE A B`: two indexes on the base's own questions. */
import { Failed } from "../../../errors.ts";
import type { Context } from "../../context.ts";
import type { Recall, Side } from "../../knowledge/evaluation-wire.ts";
import { followEvaluation } from "../../knowledge/follow-evaluation.ts";
import { table } from "../../terminal/table.ts";
import { visible } from "../../terminal/visible.ts";

/** `a` and `b` are numbers of indexes, or their embedders. */
export async function compare(
  context: Pick<Context, "client" | "terminal">,
  base: string,
  [a, b]: readonly [string, string],
  { json }: { json?: boolean },
): Promise<void> {
  const { client, terminal } = context;
  const { evaluation } = await client.knowledge.compareIndexes(base, a, b);
  const { comparison, settings } = await followEvaluation(context, base, evaluation);
  if (!comparison) throw new Failed("the server gave no comparison: is it older than this command?");
  if (json) return terminal.out(`${JSON.stringify(comparison)}\n`);
  const { words, recommendation, questions } = comparison;
  const rows = [["words alone", ...figures(words)], ...rowsOf("a", comparison.a), ...rowsOf("b", comparison.b)];
  terminal.out(table(["SEARCHED BY", "FIRST", "FIVE", "MRR"], rows));
  const from = settings.questions === "golden" ? "of the base's own" : "made of its sentences";
  terminal.out(`\n${questions} questions ${from}. ${visible(recommendation.sentence)}\n`);
  for (const { embedder, fault } of [comparison.a, comparison.b])
    if (fault !== null) terminal.err(`Note: ${visible(`${embedder} could not be asked: ${fault}`)}\n`);
}

function rowsOf(letter: string, { embedder, alone, hybrid }: Side): string[][] {
  return [
    [`${letter}: ${embedder}`, ...figures(alone)],
    [`${letter}: ${embedder} and words`, ...figures(hybrid)],
  ];
}

function figures(recall: Recall | null): string[] {
  return [recall?.recall_at_1, recall?.recall_at_5, recall?.mrr].map((value) => value?.toFixed(3) ?? "-");
}
