/** Executes a Go template's tree. Semantics: text/template's exec, with `missingkey=zero`. */
import {
  type Command,
  type Expression,
  type Node,
  type Pipe,
  printCommand,
  printExpression,
  printPipe,
  type Tree,
} from "./ast.ts";
import { executionError, TemplateError } from "./error.ts";
import { builtins, CallError, type TemplateFunction } from "./functions.ts";
import { formatValue } from "./print.ts";
import { isComposite, isTrue, sortedEntries, typeName, type Value } from "./value.ts";

/** No real prompt comes near; a template that does would never end or fill the memory. */
const limits = { steps: 5_000_000, characters: 64 * 2 ** 20, depth: 200 };

type Flow = "break" | "continue" | undefined;
interface Variable {
  name: string;
  value: Value;
}

/** The text of a template over `data`. Throws `TemplateError`. */
export function execute(tree: Tree, data: Value, functions: Record<string, TemplateFunction>): string {
  const output: string[] = [];
  let written = 0;
  let steps = 0;
  let depth = 0;
  let template = "";
  let variables: Variable[] = [{ name: "$", value: data }];

  const fail = (at: { offset: number }, shown: string, problem: string): TemplateError =>
    executionError(tree.source, at.offset, shown, problem, template);

  function step(at: { offset: number }): void {
    if (++steps > limits.steps) throw fail(at, "", "template takes too many steps");
  }

  function write(text: string, at: { offset: number }): void {
    written += text.length;
    if (written > limits.characters) throw fail(at, "", "template writes too much text");
    output.push(text);
  }

  /** Runs nodes with the variables they declare gone afterwards. */
  function scoped(nodes: Node[], dot: Value, declared: Variable[] = []): Flow {
    const length = variables.length;
    variables.push(...declared);
    const flow = run(nodes, dot);
    variables.length = length;
    return flow;
  }

  function run(nodes: Node[], dot: Value): Flow {
    for (const node of nodes) {
      step(node);
      const flow = runNode(node, dot);
      if (flow) return flow;
    }
    return undefined;
  }

  function runNode(node: Node, dot: Value): Flow {
    switch (node.kind) {
      case "text":
        write(node.text, node);
        return undefined;
      case "action": {
        const value = pipeline(node.pipe, dot);
        if (node.pipe.variables.length === 0) write(value === null ? "<no value>" : formatValue(value), node);
        return undefined;
      }
      case "if":
      case "with": {
        const length = variables.length;
        const value = pipeline(node.pipe, dot);
        const flow = isTrue(value) ? scoped(node.body, node.kind === "with" ? value : dot) : scoped(node.otherwise ?? [], dot);
        variables.length = length;
        return flow;
      }
      case "range":
        return range(node, dot);
      case "template":
        invoke(node, dot);
        return undefined;
      default:
        return node.kind;
    }
  }

  function range(node: Extract<Node, { kind: "if" | "with" | "range" }>, dot: Value): Flow {
    const length = variables.length;
    // The loop's own variables are set per element, so the pipeline is evaluated without them.
    const value = pipeline({ ...node.pipe, variables: [] }, dot);
    let count = 0;
    for (const [key, item] of elements(value, node)) {
      count++;
      step(node);
      const [first, second] = node.pipe.variables;
      const pairs =
        second === undefined
          ? [[first, isBigint(value) ? key : item]]
          : [
              [first, key],
              [second, item],
            ];
      const declared: Variable[] = [];
      for (const [name, content = null] of pairs) {
        if (typeof name !== "string") continue;
        if (node.pipe.declares) declared.push({ name, value: content });
        else assign(name, content, node.pipe);
      }
      if (scoped(node.body, item, declared) === "break") break;
    }
    const flow = count === 0 ? scoped(node.otherwise ?? [], dot) : undefined;
    variables.length = length;
    return flow;
  }

  function* elements(value: Value, node: { offset: number; pipe: Pipe }): Generator<[Value, Value]> {
    if (value === null) return;
    if (typeof value === "bigint") for (let index = 0n; index < value; index++) yield [index, index];
    else if (isComposite(value) && value.kind === "list")
      for (const [index, item] of value.items.entries()) yield [BigInt(index), item];
    else if (isComposite(value) && value.kind === "map") yield* sortedEntries(value);
    else throw fail(node.pipe, printPipe(node.pipe), `range can't iterate over ${formatValue(value)}`);
  }

  function invoke(node: Extract<Node, { kind: "template" }>, dot: Value): void {
    const body = tree.templates.get(node.name);
    if (!body) throw fail(node, `{{template ${JSON.stringify(node.name)}}}`, `template ${JSON.stringify(node.name)} not defined`);
    const value = node.pipe ? pipeline(node.pipe, dot) : null;
    if (++depth > limits.depth)
      throw fail(node, `{{template ${JSON.stringify(node.name)}}}`, `exceeded maximum template depth (${limits.depth})`);
    const [outerVariables, outerTemplate] = [variables, template];
    [variables, template] = [[{ name: "$", value }], node.name];
    run(body, value);
    [variables, template] = [outerVariables, outerTemplate];
    depth--;
  }

  function pipeline(pipe: Pipe, dot: Value): Value {
    let value: Value | undefined;
    for (const command of pipe.commands) value = evaluate(command, dot, value);
    const result = value ?? null;
    for (const name of pipe.variables) {
      if (pipe.declares) variables.push({ name, value: result });
      else assign(name, result, pipe);
    }
    return result;
  }

  function assign(name: string, value: Value, at: Pipe): void {
    const found = variables.findLast((variable) => variable.name === name);
    if (!found) throw fail(at, printPipe(at), `undefined variable: ${name}`);
    found.value = value;
  }

  /** `piped` is the value of the command before, which becomes the last argument. */
  function evaluate(command: Command, dot: Value, piped: Value | undefined): Value {
    const [first, ...rest] = command.args;
    if (!first) return null;
    step(command);
    if (first.kind === "function") return call(first.name, rest, dot, piped, command);
    if (rest.length > 0 || piped !== undefined) {
      const what =
        first.kind === "field" || first.kind === "chain" || first.kind === "variable"
          ? `${printExpression(first)} has arguments but cannot be invoked as function`
          : `can't give argument to non-function ${printExpression(first)}`;
      throw fail(first, printCommand(command), what);
    }
    return operand(first, dot);
  }

  function call(name: string, args: Expression[], dot: Value, piped: Value | undefined, at: Command): Value {
    if (name === "and" || name === "or") return shortCircuit(name, args, dot, piped, at);
    const values = args.map((arg) => operand(arg, dot));
    if (piped !== undefined) values.push(piped);
    const known = Object.hasOwn(functions, name) ? functions[name] : builtins[name];
    if (!known) throw fail(at, printCommand(at), `${JSON.stringify(name)} is not a defined function`);
    try {
      const result = known(values);
      if (typeof result === "string" && result.length > limits.characters) throw new CallError("too much text");
      return result;
    } catch (error) {
      if (error instanceof CallError || error instanceof RangeError)
        throw fail(at, printCommand(at), `error calling ${name}: ${error.message}`);
      throw error;
    }
  }

  function shortCircuit(name: "and" | "or", args: Expression[], dot: Value, piped: Value | undefined, at: Command): Value {
    if (args.length === 0 && piped === undefined) throw fail(at, name, `wrong number of args for ${name}: want at least 1 got 0`);
    let value: Value = null;
    for (const arg of args) {
      value = operand(arg, dot);
      if (isTrue(value) === (name === "or")) return value;
    }
    return piped === undefined ? value : piped;
  }

  function operand(expression: Expression, dot: Value): Value {
    switch (expression.kind) {
      case "dot":
        return dot;
      case "nil":
        return null;
      case "bool":
      case "number":
      case "string":
        return expression.value;
      case "function":
        return call(expression.name, [], dot, undefined, { offset: expression.offset, args: [expression] });
      case "field":
        return fields(dot, expression.path, expression);
      case "variable": {
        const found = variables.findLast((variable) => variable.name === expression.name);
        if (!found) throw fail(expression, expression.name, `undefined variable: ${expression.name}`);
        return fields(found.value, expression.path, expression);
      }
      case "chain":
        return fields(operand(expression.of, dot), expression.path, expression);
      case "pipe":
        return pipeline(expression.pipe, dot);
    }
  }

  function fields(start: Value, path: string[], at: Expression): Value {
    let value = start;
    for (const name of path) {
      if (value === null) throw fail(at, printExpression(at), `nil pointer evaluating interface {}.${name}`);
      if (!isComposite(value) || value.kind === "list")
        throw fail(at, printExpression(at), `can't evaluate field ${name} in type ${typeName(value)}`);
      if (value.kind === "struct" && !value.fields.has(name))
        throw fail(at, printExpression(at), `can't evaluate field ${name} in type ${value.type}`);
      value = (value.kind === "map" ? value.entries : value.fields).get(name) ?? null;
    }
    return value;
  }

  try {
    run(tree.root, data);
  } catch (error) {
    // Only deep nesting gets here; the depth limits make it unlikely, not impossible.
    if (error instanceof RangeError) throw new TemplateError(`template: : ${error.message}`, { cause: error });
    throw error;
  }
  return output.join("");
}

function isBigint(value: Value): value is bigint {
  return typeof value === "bigint";
}
