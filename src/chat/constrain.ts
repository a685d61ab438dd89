/** What an answer must look like: a grammar from the request's format and tools, and from where on it holds. */
import { PunaError } from "../errors.ts";
import { callFormatOf } from "./formats/families.ts";
import type { CallFormat } from "./formats/family.ts";
import { answerMessage } from "./formats/harmony.ts";
import { asIdentifiers } from "./formats/harmony-names.ts";
import { anyObject } from "./grammar/any-json.ts";
import { compileSchema } from "./grammar/compile.ts";
import { choice, type Expression } from "./grammar/expression.ts";
import { grammarForFormat, grammarOf, remember } from "./grammar/format.ts";
import type { Rules } from "./grammar/rules.ts";
import { textWithout } from "./grammar/text-without.ts";
import type { ChosenTools } from "./tool-choice.ts";
import type { ChatTemplate, Think, Tool } from "./types.ts";

export interface Constraint {
  grammar: string;
  /** Absent: the grammar is the whole answer. Present: it holds from the first of these texts on, if one comes. */
  begins?: { texts: string[]; first: boolean };
}

export interface Wanted extends ChosenTools {
  template: ChatTemplate;
  /** Ollama's `format`. */
  format: unknown;
  /** False: one call at most. */
  parallel: boolean;
}

/** The engine takes half a million; tools beyond that are rather called freely than not at all. */
const MOST_CHARACTERS = 500_000;

/** Undefined for an answer that is free. Throws Invalid for a format or parameters that cannot be enforced, naming them. */
export function constraintFor(given: Wanted): Constraint | undefined {
  const tools = given.template.family?.channels ? asIdentifiers(given.tools, []).tools : given.tools;
  const wanted = { ...given, tools };
  const { mustCall, forbidden, template, format } = wanted;
  const hasFormat = format !== undefined && format !== null && format !== "";
  const calls = callFormatOf(template);
  if (mustCall) return { grammar: grammarFor(wanted, calls, { strict: true, format: false }) };
  if (tools.length > 0) {
    if (hasFormat) {
      // Refuses what no grammar can hold in the same words as without tools.
      grammarForFormat(format);
      return { grammar: grammarFor(wanted, calls, { strict: false, format: true }) };
    }
    const begins = beginningsOf(calls, tools);
    const grammar = begins && orNone(() => grammarFor(wanted, calls, { strict: false, format: false }));
    return begins && grammar !== undefined && grammar.length < MOST_CHARACTERS ? { grammar, begins } : undefined;
  }
  if (hasFormat && template.family?.channels)
    return { grammar: grammarOf((rules) => answerMessage(formatExpression(rules, format))) };
  const grammar = grammarForFormat(format);
  if (grammar !== undefined) return { grammar };
  return forbidden && calls.open ? { grammar: grammarOf((rules) => textWithout(rules, calls.open ?? "")) } : undefined;
}

function grammarFor(
  { tools, parallel, template, format: schema }: Wanted,
  calls: CallFormat,
  { strict, format }: { strict: boolean; format: boolean },
): string {
  const key = ["calls", calls.family, template.source, tools, parallel, strict, format ? schema : undefined];
  return remember(JSON.stringify(key), () =>
    grammarOf((rules) => {
      const written = calls.write({ rules, tools, many: parallel, strict });
      if (!format) return written;
      const answer = formatExpression(rules, schema);
      return choice(written, template.family?.channels ? answerMessage(answer) : answer);
    }),
  );
}

function formatExpression(rules: Rules, format: unknown): Expression {
  return format === "json" ? anyObject(rules) : compileSchema(rules, format);
}

/** How one can tell that a call begins. Undefined where nothing shows it. */
function beginningsOf(calls: CallFormat, tools: Tool[]): Constraint["begins"] {
  if (calls.begins) return calls.begins(tools);
  return calls.open === undefined ? undefined : { texts: [calls.open], first: false };
}

/** A free call is better than no answer, where nobody asked for a certain one. */
function orNone(make: () => string): string | undefined {
  try {
    return make();
  } catch (error) {
    if (error instanceof PunaError) return undefined;
    throw error;
  }
}

/** The fields of the engine's request that say from where on the grammar holds. */
export function grammarStart(
  { begins }: Pick<Constraint, "begins">,
  { template, think, endsInThinking }: { template: ChatTemplate; think: Think | undefined; endsInThinking: boolean },
): {
  grammarAfter?: string;
  grammarAt?: { texts: string[]; first: boolean; skip?: { open: string; close: string; inside: boolean } };
} {
  const { thinking, family } = template;
  // gpt-oss thinks even when it is asked not to.
  const thinks = thinking !== undefined && ((think !== undefined && think !== false) || family?.channels === true);
  if (!begins) return thinks ? { grammarAfter: thinking.close } : {};
  return { grammarAt: { ...begins, ...(thinks && { skip: { ...thinking, inside: endsInThinking } }) } };
}
