/** What an evaluation must reach for a script to go on. */
import { Invalid } from "../../errors.ts";
import type { DifferenceReply, Figures } from "./evaluation-wire.ts";

export interface GateFlags {
  minRecall?: string;
  minRefusal?: string;
  maxDrop?: string;
}

export interface Gate {
  name: "recall" | "refusal" | "drop" | "questions";
  passes: boolean;
  /** `recall 0.912 is below 0.950` */
  sentence: string;
}

/** Throws Invalid for a limit that is no share. */
export function limitsOf({ minRecall, minRefusal, maxDrop }: GateFlags): { recall?: number; refusal?: number; drop?: number } {
  return {
    ...(minRecall !== undefined && { recall: shareOf(minRecall, "min-recall") }),
    ...(minRefusal !== undefined && { refusal: shareOf(minRefusal, "min-refusal") }),
    ...(maxDrop !== undefined && { drop: shareOf(maxDrop, "max-drop") }),
  };
}

/**
 * Every gate that was asked for. What cannot be measured does not pass, and neither do questions that could not be asked: they would
 * make the rest look better. `difference` is undefined when no evaluation before this one was asked its questions.
 */
export function gatesOf(
  limits: ReturnType<typeof limitsOf>,
  { figures, unasked, difference }: { figures: Figures; unasked: number; difference: DifferenceReply | undefined },
): Gate[] {
  const gates: Gate[] = [];
  const { recall, refusal, drop } = limits;
  if (recall !== undefined) gates.push(atLeast("recall", figures.recall_at_5, recall));
  if (refusal !== undefined) gates.push(atLeast("refusal", refusalOf(figures), refusal));
  if (drop !== undefined) gates.push(dropGate(difference, drop));
  const lost = unasked + figures.faults;
  if (gates.length > 0 && lost > 0) {
    gates.push({
      name: "questions",
      passes: false,
      sentence: `${lost} ${lost === 1 ? "question" : "questions"} could not be asked`,
    });
  }
  return gates;
}

/** Of questions that expect it or, without any, of questions whose document is left out. */
function refusalOf({ gate }: Figures): number | null {
  return gate.refused ?? gate.refused_without;
}

function atLeast(name: "recall" | "refusal", value: number | null, limit: number): Gate {
  if (value === null) return { name, passes: false, sentence: `${name} could not be measured: there are no questions for it` };
  const passes = value >= limit;
  return { name, passes, sentence: `${name} ${value.toFixed(3)} is ${passes ? "not " : ""}below ${limit.toFixed(3)}` };
}

function dropGate(difference: DifferenceReply | undefined, limit: number): Gate {
  const { recall_before: before, recall_now: now, common } = difference ?? {};
  if (typeof before?.recall_at_5 !== "number" || typeof now?.recall_at_5 !== "number")
    return { name: "drop", passes: true, sentence: "drop: nothing to compare with, no evaluation before had these questions" };
  const drop = before.recall_at_5 - now.recall_at_5;
  const passes = drop <= limit + 1e-9;
  const words = `recall went from ${before.recall_at_5.toFixed(3)} to ${now.recall_at_5.toFixed(3)} on ${common} questions`;
  return { name: "drop", passes, sentence: `${words}, ${passes ? "not " : ""}more than ${limit.toFixed(3)} down` };
}

function shareOf(text: string, flag: string): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (!(value >= 0 && value <= 1))
    throw new Invalid(`invalid value for --${flag}: ${JSON.stringify(text)} (must be a share from 0 to 1, such as 0.95)`);
  return value;
}
