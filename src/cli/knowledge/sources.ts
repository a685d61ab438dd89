/** What is shown below an answer: the places it comes from, or what came nearest when it was refused. */
import { breakLines } from "../terminal/break-lines.ts";
import { bold, grey, type Terminal } from "../terminal/terminal.ts";
import { visible } from "../terminal/visible.ts";
import { placeOf } from "./place.ts";
import type { AnswerTrace, CitationReply } from "./wire.ts";

const INDENT = "    ";
const LONGEST_QUOTE = 300;

/** Text with its line ends, beginning with an empty line; "" when there is nothing to show. */
export function sources(
  { trace, citations }: { trace: AnswerTrace; citations: readonly CitationReply[] },
  terminal: Terminal,
): string {
  if (trace.refused) return refusal(trace, terminal);
  const places = new Map<string, CitationReply>();
  for (const one of citations) places.set(`${one.number} ${one.start} ${one.end}`, one);
  const sorted = [...places.values()].sort((a, b) => a.number - b.number || a.start - b.start);
  const cited = sorted.map((one) => `\n[${one.number}] ${bold(placeOf(one), terminal)}\n${quoted(one.text, terminal)}`);
  const unsupported = trace.unsupported.map(({ text }) => `\n${grey("No source says:", terminal)}\n${quoted(text, terminal)}`);
  return [...cited, ...unsupported].join("");
}

function refusal({ refused, misses = [], best, threshold }: AnswerTrace, terminal: Terminal): string {
  const why =
    refused === "score"
      ? `Nothing in the documents comes near enough: the best score is ${Math.round(best)}, the threshold ${Math.round(threshold)}.`
      : "The model found no answer in what was nearest.";
  const nearest = misses.map(
    (miss) => `\n${placeOf(miss)} ${grey(String(Math.round(miss.score)), terminal)}\n${quoted(miss.text, terminal)}`,
  );
  return `\n${grey(why, terminal)}\n${nearest.length > 0 ? `${grey("Nearest:", terminal)}\n` : ""}${nearest.join("")}`;
}

function quoted(text: string, terminal: Terminal): string {
  const line = visible(text).replace(/\s+/g, " ").trim();
  const characters = [...line];
  const shown = characters.length <= LONGEST_QUOTE ? line : `${characters.slice(0, LONGEST_QUOTE).join("").trimEnd()}…`;
  if (!terminal.outIsTty) return `${INDENT}${shown}\n`;
  const lines = breakLines(shown, Math.max(20, terminal.columns() - INDENT.length - 2));
  return lines.map(([start, end]) => `${INDENT}${shown.slice(start, end)}\n`).join("");
}
