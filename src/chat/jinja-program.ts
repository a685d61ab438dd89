/** A Jinja chat template, parsed once and rendered often, with what transformers puts around it. */
import { Environment, parse, tokenize } from "@huggingface/jinja";
import { Failed, Invalid, messageOf } from "../errors.ts";
import { BoundedInterpreter, boundedLength } from "./jinja-interpreter.ts";

export interface JinjaProgram {
  /** The text over `data`. Throws `Invalid` with the text of a `raise_exception`, `Failed` for every other fault. */
  render(data: Record<string, unknown>, now: Date): string;
}

/** Thrown by templates on purpose, to say what is wrong with the conversation. */
class Raised extends Error {}

/** Parses a template as transformers does (`trim_blocks`, `lstrip_blocks`). Throws `Failed` naming the fault. */
export function jinjaProgram(source: string, options: { maxSteps?: number } = {}): JinjaProgram {
  const program = guarded(() => parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })));
  return {
    render: (data, now) =>
      guarded(() => {
        const environment = new Environment();
        for (const [name, value] of Object.entries({ ...globals(now), ...data })) environment.set(name, value);
        return String(new BoundedInterpreter(environment, options.maxSteps).run(program).value);
      }),
  };
}

function guarded<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    if (error instanceof Raised) throw new Invalid(error.message, { cause: error, code: "template_raised" });
    throw new Failed(`chat template error: ${messageOf(error)}`, { cause: error, code: "template_execution" });
  }
}

/** What transformers gives to every chat template. */
function globals(now: Date): Record<string, unknown> {
  return {
    true: true,
    false: false,
    none: null,
    True: true,
    False: false,
    None: null,
    range,
    raise_exception: (text: unknown) => {
      throw new Raised(String(text));
    },
    strftime_now: (format: unknown) => strftime(now, String(format)),
  };
}

function range(start: number, stop?: number, step = 1): number[] {
  const [from, to] = stop === undefined ? [0, start] : [start, stop];
  if (step === 0) throw new Error("range() step must not be zero");
  const length = boundedLength(Math.max(0, Math.ceil((to - from) / step)));
  return Array.from({ length }, (_, index) => from + index * step);
}

const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");

/** Python's strftime in the C locale: the language of a prompt must not depend on the machine. */
export function strftime(date: Date, format: string): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const month = MONTHS[date.getMonth()] ?? "";
  const day = DAYS[date.getDay()] ?? "";
  const codes: Record<string, string> = {
    Y: String(date.getFullYear()),
    y: two(date.getFullYear() % 100),
    m: two(date.getMonth() + 1),
    d: two(date.getDate()),
    e: String(date.getDate()).padStart(2, " "),
    B: month,
    b: month.slice(0, 3),
    A: day,
    a: day.slice(0, 3),
    H: two(date.getHours()),
    I: two(date.getHours() % 12 || 12),
    M: two(date.getMinutes()),
    S: two(date.getSeconds()),
    p: date.getHours() < 12 ? "AM" : "PM",
    "%": "%",
  };
  return format
    .replaceAll("%F", "%Y-%m-%d")
    .replaceAll("%T", "%H:%M:%S")
    .replace(/%([A-Za-z%])/g, (whole, code: string) => codes[code] ?? whole);
}
