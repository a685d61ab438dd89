/** `puna kb eval BASE`: how well a base finds, refuses and answers; a gate for scripts. */
import { readFile } from "node:fs/promises";
import { Failed, Invalid, messageOf, PunaError } from "../../../errors.ts";
import type { Context } from "../../context.ts";
import { describeEvaluation, describeMisses, missesOf } from "../../knowledge/describe-evaluation.ts";
import type { DifferenceReply, EvaluationBody } from "../../knowledge/evaluation-wire.ts";
import { followEvaluation } from "../../knowledge/follow-evaluation.ts";
import { type GateFlags, gatesOf, limitsOf } from "../../knowledge/gate.ts";
import { visible } from "../../terminal/visible.ts";

export interface EvalFlags extends GateFlags {
  questions?: string;
  generate?: string;
  threshold?: string;
  index?: string;
  answers?: boolean;
  model?: string;
  misses?: string;
  json?: boolean;
}

const MOST_MISSES = 10;

/** Throws Failed when a gate is not passed, after everything is printed. */
export async function evaluate(
  context: Pick<Context, "client" | "terminal">,
  base: string,
  { json, misses: wanted, ...flags }: EvalFlags,
): Promise<void> {
  const { client, terminal } = context;
  const limits = limitsOf(flags);
  const mostMisses = numberOf(wanted, "misses") ?? MOST_MISSES;
  const begun = await client.knowledge.evaluate(base, await bodyOf(flags));
  const evaluation = await followEvaluation(context, base, begun.evaluation);
  const { results } = await client.knowledge.evaluation(base, evaluation.id);
  const { figures } = evaluation;
  if (!figures) throw new Failed("the server gave no figures: is it older than this command?");
  const difference = limits.drop === undefined ? undefined : await differenceOf(context, base, evaluation.id);
  const gates = gatesOf(limits, { figures, unasked: begun.failed.length, difference });
  if (json) terminal.out(`${JSON.stringify({ evaluation, results, failed: begun.failed, gates })}\n`);
  else {
    terminal.out(describeEvaluation(base, evaluation, figures));
    if (evaluation.reason !== null) terminal.err(`Note: ${visible(evaluation.reason)}\n`);
    for (const { at, question, reason } of begun.failed)
      terminal.err(`Note: question ${at} was not asked: ${visible(`${reason} (${question})`)}\n`);
    terminal.out(describeMisses(missesOf(results, figures.gate.threshold), mostMisses));
    if (gates.length > 0) terminal.out("\n");
    for (const { passes, sentence } of gates) terminal.out(`${passes ? "pass" : "FAIL"}  ${sentence}\n`);
  }
  const missed = gates.filter(({ passes }) => !passes);
  if (missed.length > 0) throw new Failed(`the gate is not passed: ${missed.map(({ sentence }) => sentence).join("; ")}`);
}

async function bodyOf({ questions, generate, threshold, index, answers, model }: EvalFlags): Promise<EvaluationBody> {
  if (questions !== undefined && generate !== undefined) throw new Invalid("give --questions or --generate, not both");
  return {
    ...(questions !== undefined && { questions: await read(questions) }),
    ...(generate !== undefined && { generate: numberOf(generate, "generate") ?? 0 }),
    ...(threshold !== undefined && { threshold: numberOf(threshold, "threshold") ?? 0 }),
    ...(index !== undefined && { index: index === "words" ? index : (numberOf(index, "index") ?? 0) }),
    ...((answers || model !== undefined) && { answers: true }),
    ...(model !== undefined && { model }),
  };
}

async function read(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    throw new Invalid(`cannot read the questions in ${file}: ${messageOf(cause)}`, { cause });
  }
}

/** Undefined when there is no evaluation before this one. */
async function differenceOf({ client }: Pick<Context, "client">, base: string, id: number): Promise<DifferenceReply | undefined> {
  try {
    return await client.knowledge.difference(base, id);
  } catch (error) {
    if (error instanceof PunaError && error.status === 404) return undefined;
    throw error;
  }
}

function numberOf(text: string | undefined, flag: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d{1,6}$/.test(text.trim()))
    throw new Invalid(`invalid value for --${flag}: ${JSON.stringify(text)} (must be a whole number)`);
  return Number(text);
}
