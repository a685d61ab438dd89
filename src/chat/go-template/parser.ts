/** Builds the tree of a Go template from its tokens. Error texts follow text/template/parse. */
import type { Command, Expression, Node, Pipe, Tree } from "./ast.ts";
import { syntaxError } from "./error.ts";
import { type Token, type TokenType, tokenize } from "./lexer.ts";
import { parseNumber, unquoteChar, unquoteString } from "./literals.ts";

const KEYWORDS = new Set(["if", "else", "end", "with", "range", "break", "continue", "define", "template", "block"]);
/** Deeper nesting than any real template has; keeps hostile ones off the JavaScript stack. */
const MAX_DEPTH = 250;

/** Parses a template. `isFunction` tells which words may be called. Throws `TemplateError`. */
export function parse(source: string, isFunction: (name: string) => boolean): Tree {
  const tokens = tokenize(source);
  const templates = new Map<string, Node[]>();
  let at = 0;
  let depth = 0;
  let loops = 0;
  let variables = ["$"];

  const end: Token = tokens.at(-1) ?? { type: "end of file", text: "", offset: 0, line: 1, spaced: false };
  const peek = () => tokens[at] ?? end;
  const next = () => tokens[at++] ?? end;
  const unexpected = (token: Token, context: string) => syntaxError(token.line, `unexpected ${describe(token)} in ${context}`);

  function expect(type: TokenType, context: string): Token {
    const token = next();
    if (token.type !== type) throw unexpected(token, context);
    return token;
  }

  /** Runs one level deeper, with variables and loops of its own. */
  function nested<T>(token: Token, body: () => T): T {
    if (++depth > MAX_DEPTH) throw syntaxError(token.line, "max nesting depth exceeded");
    const outer = variables;
    variables = [...outer];
    const result = body();
    variables = outer;
    depth--;
    return result;
  }

  /** Nodes up to an `end` or `else`, which is consumed and returned; or, at the top, up to the end of the file. */
  function list(top: boolean): { nodes: Node[]; stop: Token } {
    const nodes: Node[] = [];
    for (;;) {
      const token = next();
      if (token.type === "text") {
        nodes.push({ kind: "text", text: token.text, offset: token.offset });
        continue;
      }
      if (token.type !== "open") {
        if (!top) throw syntaxError(token.line, "unexpected EOF");
        return { nodes, stop: token };
      }
      const word = peek();
      if (word.type === "word" && (word.text === "end" || word.text === "else")) {
        if (top) throw syntaxError(word.line, `unexpected {{${word.text}}}`);
        at++;
        return { nodes, stop: word };
      }
      if (word.type === "word" && word.text === "define") define(top);
      else nodes.push(action());
    }
  }

  function action(): Node {
    const token = peek();
    if (token.type !== "word") return { kind: "action", pipe: pipeline("command", "close"), offset: token.offset };
    switch (token.text) {
      case "if":
      case "with":
      case "range":
        at++;
        return control(token.text, token);
      case "break":
      case "continue":
        at++;
        expect("close", `{{${token.text}}}`);
        if (loops === 0) throw syntaxError(token.line, `{{${token.text}}} outside {{range}}`);
        return { kind: token.text, offset: token.offset };
      case "template":
      case "block":
        at++;
        return invocation(token);
      default:
        return { kind: "action", pipe: pipeline("command", "close"), offset: token.offset };
    }
  }

  function control(kind: "if" | "with" | "range", token: Token): Node {
    return nested(token, () => {
      const pipe = pipeline(kind, "close");
      if (kind === "range") loops++;
      const { nodes: body, stop } = list(false);
      if (kind === "range") loops--;
      const offset = token.offset;
      if (stop.text === "end") {
        expect("close", "end");
        return { kind, pipe, body, otherwise: undefined, offset };
      }
      const word = peek();
      if (word.type === "word" && word.text === kind && kind !== "range") {
        at++;
        // `else if` is an if inside the else, and shares its end.
        return { kind, pipe, body, otherwise: [control(kind, word)], offset };
      }
      expect("close", "else");
      const otherwise = nested(token, () => list(false));
      if (otherwise.stop.text !== "end") throw syntaxError(otherwise.stop.line, "expected end; found {{else}}");
      expect("close", "end");
      return { kind, pipe, body, otherwise: otherwise.nodes, offset };
    });
  }

  function templateName(context: string): string {
    const token = expect("string", context);
    const name = unquoteString(token.text);
    if (name === undefined) throw syntaxError(token.line, `invalid syntax: ${token.text}`);
    return name;
  }

  /** A body with no outer variables or loops, as `define` and `block` have. */
  function body(token: Token, context: string): Node[] {
    const [outerVariables, outerLoops] = [variables, loops];
    [variables, loops] = [["$"], 0];
    const { nodes, stop } = nested(token, () => list(false));
    if (stop.text !== "end") throw unexpected(stop, context);
    expect("close", context);
    [variables, loops] = [outerVariables, outerLoops];
    return nodes;
  }

  function define(top: boolean): void {
    const token = next();
    if (!top) throw syntaxError(token.line, "unexpected {{define}}");
    const name = templateName("define clause");
    expect("close", "define clause");
    templates.set(name, body(token, "define clause"));
  }

  function invocation(token: Token): Node {
    const context = `${token.text} clause`;
    const name = templateName(context);
    const pipe = peek().type === "close" ? undefined : pipeline(context, "close");
    if (!pipe) at++;
    if (token.text === "block") {
      if (!pipe) throw syntaxError(token.line, "missing value for block clause");
      const nodes = body(token, context);
      if (!templates.has(name)) templates.set(name, nodes);
    }
    return { kind: "template", name, pipe, offset: token.offset };
  }

  function pipeline(context: string, close: "close" | ")"): Pipe {
    const start = peek();
    const { names, declares } = declarations(context);
    const commands: Command[] = [];
    for (;;) {
      const token = peek();
      if (token.type === close) {
        at++;
        break;
      }
      commands.push(command(context));
    }
    if (commands.length === 0) throw syntaxError(start.line, `missing value for ${context}`);
    for (const [stage, later] of commands.slice(1).entries()) {
      const kind = later.args[0]?.kind;
      if (kind === "bool" || kind === "dot" || kind === "nil" || kind === "number" || kind === "string")
        throw syntaxError(start.line, `non executable command in pipeline stage ${stage + 2}`);
    }
    if (declares) variables.push(...names);
    return { offset: start.offset, variables: names, declares, commands };
  }

  /** `$x :=`, `$x =`, and for a range `$i, $x :=`; nothing consumed when none is there. */
  function declarations(context: string): { names: string[]; declares: boolean } {
    const names: string[] = [];
    const start = at;
    for (;;) {
      const name = peek();
      const after = tokens[at + 1] ?? end;
      if (name.type !== "variable") break;
      if (after.type === ":=" || after.type === "=") {
        at += 2;
        names.push(name.text);
        if (after.type === "=") for (const used of names) checkVariable(used, name);
        return { names, declares: after.type === ":=" };
      }
      if (after.type !== ",") break;
      if (context !== "range" || names.length > 0) throw syntaxError(name.line, `too many declarations in ${context}`);
      at += 2;
      names.push(name.text);
    }
    if (names.length > 0) throw syntaxError(peek().line, "range can only initialize variables");
    at = start;
    return { names: [], declares: false };
  }

  function command(context: string): Command {
    const args: Expression[] = [];
    const offset = peek().offset;
    for (;;) {
      const found = operand();
      if (found) args.push(found);
      const token = peek();
      if (token.type === "close" || token.type === ")") break;
      if (token.type === "|") {
        at++;
        if (peek().type === "close" || peek().type === ")") throw syntaxError(token.line, `missing value for ${context}`);
        break;
      }
      if (!found || !token.spaced) throw unexpected(token, "operand");
    }
    const [first] = args;
    if (!first) throw syntaxError(peek().line, "empty command");
    if (first.kind === "nil" && args.length === 1) throw syntaxError(peek().line, "nil is not a command");
    return { offset, args };
  }

  function operand(): Expression | undefined {
    const found = term();
    if (!found) return undefined;
    const path: string[] = [];
    const first = peek();
    while (peek().type === "field" && !peek().spaced) path.push(next().text.slice(1));
    if (path.length === 0) return found;
    if (found.kind === "field" || found.kind === "variable") return { ...found, path: [...found.path, ...path] };
    if (
      found.kind === "bool" ||
      found.kind === "string" ||
      found.kind === "number" ||
      found.kind === "nil" ||
      found.kind === "dot"
    )
      throw syntaxError(first.line, `unexpected . after term ${JSON.stringify(tokens[at - path.length - 1]?.text ?? "")}`);
    return { kind: "chain", of: found, path, offset: found.offset };
  }

  function term(): Expression | undefined {
    const token = peek();
    const { offset, text } = token;
    switch (token.type) {
      case "word":
        at++;
        if (text === "true" || text === "false") return { kind: "bool", value: text === "true", offset };
        if (text === "nil") return { kind: "nil", offset };
        if (KEYWORDS.has(text)) throw unexpected(token, "operand");
        if (!isFunction(text)) throw syntaxError(token.line, `function ${JSON.stringify(text)} not defined`);
        return { kind: "function", name: text, offset };
      case "dot":
        at++;
        return { kind: "dot", offset };
      case "variable":
        at++;
        checkVariable(text, token);
        return { kind: "variable", name: text, path: [], offset };
      case "field":
        at++;
        return { kind: "field", path: [text.slice(1)], offset };
      case "number":
      case "char": {
        at++;
        const value = token.type === "char" ? unquoteChar(text) : parseNumber(text);
        if (value === undefined)
          throw syntaxError(
            token.line,
            token.type === "char" ? `malformed character constant: ${text}` : `bad number syntax: ${JSON.stringify(text)}`,
          );
        return { kind: "number", value, text, offset };
      }
      case "string": {
        at++;
        const value = unquoteString(text);
        if (value === undefined) throw syntaxError(token.line, "invalid syntax");
        return { kind: "string", value, text, offset };
      }
      case "(":
        at++;
        return nested(token, () => ({ kind: "pipe", pipe: pipeline("parenthesized pipeline", ")"), offset }));
      default:
        return undefined;
    }
  }

  function checkVariable(name: string, token: Token): void {
    if (!variables.includes(name)) throw syntaxError(token.line, `undefined variable ${JSON.stringify(name)}`);
  }

  return { source, root: list(true).nodes, templates };
}

function describe(token: Token): string {
  if (token.type === "end of file") return "EOF";
  return token.type === "word" && KEYWORDS.has(token.text) ? `<${token.text}>` : JSON.stringify(token.text);
}
