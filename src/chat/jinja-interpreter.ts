/** The Jinja library's interpreter, bounded in steps and size since templates come with downloaded models, and with two filters more. */
import { Interpreter } from "@huggingface/jinja";

/** A thousand messages through any template tried so far take fewer steps. */
const limits = { steps: 1_000_000, characters: 64 * 2 ** 20, items: 1_000_000 };

/** A value of the library: a class around a plain one. */
interface Boxed {
  type: string;
  value: unknown;
}

/** The library's types import without extensions, which this compiler mode cannot follow: the part that is used, by hand. */
interface LibraryInterpreter {
  run(program: unknown): Boxed;
  evaluate(node: unknown, environment: LibraryEnvironment): Boxed;
}
interface LibraryEnvironment {
  tests: ReadonlyMap<string, (...values: Boxed[]) => boolean>;
}
const Base = Interpreter as unknown as new (environment: unknown) => LibraryInterpreter;

/** Gives up on templates that would run or grow without end. */
export class BoundedInterpreter extends Base {
  #stepsLeft: number;
  readonly #iterables = new WeakSet<object>();

  constructor(environment: unknown, maxSteps = limits.steps) {
    super(environment);
    this.#stepsLeft = maxSteps;
  }

  override evaluate(node: unknown, environment: LibraryEnvironment): Boxed {
    if (isNode(node, "For") && isObject(node.iterable)) this.#iterables.add(node.iterable);
    const result = this.#iterable(node, this.#selected(node, environment) ?? super.evaluate(node, environment), environment);
    const { value } = result;
    // A loop counts by its length too, since one with an empty body evaluates nothing else.
    this.#stepsLeft -= 1 + (Array.isArray(value) && isObject(node) && this.#iterables.has(node) ? value.length : 0);
    if (this.#stepsLeft < 0) throw new Error("the template takes too many steps");
    if (typeof value === "string" && value.length > limits.characters) throw new Error("the template writes too much text");
    if (Array.isArray(value)) boundedLength(value.length);
    return result;
  }

  /** A loop over a text is a loop over the parts of a message's content: the text is its one part. */
  #iterable(node: unknown, result: Boxed, environment: LibraryEnvironment): Boxed {
    if (typeof result.value !== "string" || !isObject(node) || !this.#iterables.has(node)) return result;
    const text = (value: string) => ({ type: "StringLiteral", value });
    const part = {
      type: "ObjectLiteral",
      value: new Map([
        [text("type"), text("text")],
        [text("text"), text(result.value)],
      ]),
    };
    return super.evaluate({ type: "ArrayLiteral", value: [part] }, environment);
  }

  /** `list | select("test", argument)` and `reject`, which the library lacks. Undefined for every other node. */
  #selected(node: unknown, environment: LibraryEnvironment): Boxed | undefined {
    if (!isNode(node, "FilterExpression")) return undefined;
    const { filter } = node;
    const name = isNode(filter, "CallExpression") ? filter.callee : filter;
    if (!isNode(name, "Identifier") || (name.value !== "select" && name.value !== "reject")) return undefined;
    const operand = this.evaluate(node.operand, environment);
    if (!Array.isArray(operand.value)) throw new Error(`Cannot apply filter "${name.value}" to type: ${operand.type}`);
    const given = isNode(filter, "CallExpression") && Array.isArray(filter.args) ? filter.args : [];
    const [testName, argument] = given.map((arg) => this.evaluate(arg, environment));
    const test = testName === undefined ? isTruthy : testNamed(String(testName.value), environment);
    const items = operand.value.filter(
      (item: Boxed) => test(item, ...(argument ? [argument] : [])) === (name.value === "select"),
    );
    return Reflect.construct(operand.constructor, [items]);
  }
}

/** Throws when a template makes a list that no conversation needs. */
export function boundedLength(length: number): number {
  if (length > limits.items) throw new Error("the template makes too long a list");
  return length;
}

function testNamed(name: string, { tests }: LibraryEnvironment): (...values: Boxed[]) => boolean {
  if (name === "in")
    return (item, list) => Array.isArray(list?.value) && list.value.some((one: Boxed) => one.value === item?.value);
  if (name === "ne") return (a, b) => a?.value !== b?.value;
  const test = tests.get(name);
  if (!test) throw new Error(`Unknown test: ${name}`);
  return test;
}

function isTruthy(item: Boxed | undefined): boolean {
  if (item === undefined) return false;
  return Array.isArray(item.value) ? item.value.length > 0 : Boolean(item.value);
}

function isNode(node: unknown, type: string): node is Record<string, unknown> {
  return isObject(node) && "type" in node && node.type === type;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
