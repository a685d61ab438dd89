/** A Jinja chat template, parsed once: rendering bounded in steps and size, since templates come with downloaded models. */
import { Environment, Interpreter, parse, tokenize } from "@huggingface/jinja";
import { Failed, Invalid, messageOf } from "../errors.ts";

const limits = { steps: 1_000_000, characters: 64 * 2 ** 20, items: 1_000_000 };

export interface JinjaProgram {
  /** The text over `data`. Throws `Invalid` with the text of a `raise_exception`, `Failed` for every other fault. */
  render(data: Record<string, unknown>, now: Date): string;
}

/** Thrown by templates on purpose, to say what is wrong with the conversation. */
class Raised extends Error {}

/** Parses a template as transformers does (`trim_blocks`, `lstrip_blocks`). Throws `Failed` naming the fault. */
export function jinjaProgram(source: string): JinjaProgram {
  const program = guarded(() => parse(tokenize(source, { lstrip_blocks: true, trim_blocks: true })));
  return {
    render: (data, now) =>
      guarded(() => {
        const environment = new Environment();
        for (const [name, value] of Object.entries({ ...globals(now), ...data })) environment.set(name, value);
        return String(new BoundedInterpreter(environment).run(program).value);
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

/** The library's types import without extensions, which this compiler mode cannot follow: the part that is used, by hand. */
interface LibraryInterpreter {
  run(program: unknown): { value: unknown };
  evaluate(...args: unknown[]): { value: unknown };
}
const Base = Interpreter as unknown as new (environment: unknown) => LibraryInterpreter;

/** Gives up on templates that would run or grow without end. */
class BoundedInterpreter extends Base {
  #steps = 0;
  readonly #iterables = new WeakSet<object>();

  override evaluate(...args: unknown[]): { value: unknown } {
    const [node] = args;
    if (isLoop(node)) this.#iterables.add(node.iterable);
    const result = super.evaluate(...args);
    const { value } = result;
    // A loop counts by its length too, since one with an empty body evaluates nothing else.
    const rounds =
      Array.isArray(value) && typeof node === "object" && node !== null && this.#iterables.has(node) ? value.length : 0;
    this.#steps += 1 + rounds;
    if (this.#steps > limits.steps) throw new Error("the template takes too many steps");
    if (typeof value === "string" && value.length > limits.characters) throw new Error("the template writes too much text");
    if (Array.isArray(value) && value.length > limits.items) throw new Error("the template makes too long a list");
    return result;
  }
}

function isLoop(node: unknown): node is { iterable: object } {
  return (
    typeof node === "object" &&
    node !== null &&
    "type" in node &&
    node.type === "For" &&
    "iterable" in node &&
    typeof node.iterable === "object" &&
    node.iterable !== null
  );
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
  const length = Math.max(0, Math.ceil((to - from) / step));
  if (length > limits.items) throw new Error("the template makes too long a list");
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
