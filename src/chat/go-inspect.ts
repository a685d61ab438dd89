/** What a Go template's tree says about its model: variables, thinking tags, tool tags; and two edits Ollama makes to it. */
import type { Expression, Node, Pipe, Tree } from "./go-template/ast.ts";

/** Every field name used anywhere in a template, as written. Variables' fields count too, so `$.Tools` is `Tools`. */
export function fieldNames(tree: Tree): Set<string> {
  const names = new Set<string>();
  const visit = (nodes: Node[]): void =>
    walk(nodes, (expression) => {
      if ("path" in expression) for (const name of expression.path) names.add(name);
    });
  visit(tree.root);
  for (const body of tree.templates.values()) visit(body);
  return names;
}

/** A template that mentions neither the messages nor the response is followed by the response. */
export function withResponse(tree: Tree): Tree {
  const names = fieldNames(tree);
  if (names.has("Messages") || names.has("Response")) return tree;
  const offset = tree.source.length;
  const response: Expression = { kind: "field", path: ["Response"], offset };
  const pipe: Pipe = { offset, variables: [], declares: false, commands: [{ offset, args: [response] }] };
  return { ...tree, root: [...tree.root, { kind: "action", pipe, offset }] };
}

/** The tree up to and with the first `.Response`: the open end of the last turn. Conditions do not count, as in Ollama. */
export function cutAfterResponse(tree: Tree): Tree {
  let cut = false;
  const keep = (nodes: Node[]): Node[] =>
    nodes.flatMap((node): Node[] => {
      if (cut) return [];
      if ("body" in node) {
        const body = keep(node.body);
        return [{ ...node, body, otherwise: node.otherwise && keep(node.otherwise) }];
      }
      if (node.kind === "action" && mentions(node.pipe, "Response")) cut = true;
      return [node];
    });
  return { ...tree, root: keep(tree.root) };
}

/** The texts around `.Thinking` in the loop over the messages, usually `<think>` and `</think>`. */
export function thinkingTags(tree: Tree): { open: string; close: string } | undefined {
  for (const loop of findAll(tree.root, (node) => node.kind === "range" && mentions(node.pipe, "Messages"))) {
    if (!("body" in loop)) continue;
    const block = innermost(loop.body);
    const texts = (block ?? []).flatMap((node) => (node.kind === "text" ? [node.text.trim()] : []));
    const [open, close] = [texts.at(0), texts.at(-1)];
    if (open && close) return { open, close };
  }
  return undefined;
}

/** The innermost list of nodes that prints `.Thinking`. */
function innermost(nodes: Node[]): Node[] | undefined {
  for (const node of nodes) {
    if ("body" in node) {
      const found = innermost(node.body) ?? innermost(node.otherwise ?? []);
      if (found) return found;
    } else if (node.kind === "action" && mentions(node.pipe, "Thinking")) return nodes;
  }
  return undefined;
}

/** The first text behind a question for `.ToolCalls`, up to its `{` and without the header of a turn; `{` when there is none. */
export function toolTag(tree: Tree): string {
  const asks = (node: Node): boolean =>
    node.kind === "if" &&
    node.pipe.commands.some(
      ({ args }) => !isNot(args[0]) && args.some((arg) => arg.kind === "field" && arg.path.includes("ToolCalls")),
    );
  const loops = (node: Node): boolean => node.kind === "range" && mentions(node.pipe, "ToolCalls");
  const block = findAll(tree.root, asks)[0] ?? findAll(tree.root, loops)[0];
  const text = block && "body" in block ? firstText(block.body) : undefined;
  if (text === undefined) return "{";
  const brace = text.indexOf("{");
  const tag = (brace < 0 ? text : text.slice(0, brace)).split(TURN_HEADER).at(-1)?.trim() ?? "";
  return tag === "" ? "{" : tag;
}

function isNot(expression: Expression | undefined): boolean {
  return expression?.kind === "function" && expression.name === "not";
}

/** Some templates write the header of the assistant's turn in each branch. */
const TURN_HEADER =
  /<\|(?:start_header_id|header_start|start_of_role)\|>assistant<\|(?:end_header_id|header_end|end_of_role)\|>|<\|im_start\|>assistant|<\|assistant\|>|<start_of_turn>model/;

function firstText(nodes: Node[]): string | undefined {
  for (const node of nodes) {
    const text = node.kind === "text" ? node.text : "body" in node ? firstText(node.body) : undefined;
    if (text?.trim()) return text;
  }
  return undefined;
}

function findAll(nodes: Node[], wanted: (node: Node) => boolean): Node[] {
  return nodes.flatMap((node) => [
    ...(wanted(node) ? [node] : []),
    ...("body" in node ? [...findAll(node.body, wanted), ...findAll(node.otherwise ?? [], wanted)] : []),
  ]);
}

function mentions(pipe: Pipe, name: string): boolean {
  let found = false;
  walkPipe(pipe, (expression) => {
    if ("path" in expression && expression.path.includes(name)) found = true;
  });
  return found;
}

function walk(nodes: Node[], visit: (expression: Expression) => void): void {
  for (const node of nodes) {
    if ("pipe" in node && node.pipe) walkPipe(node.pipe, visit);
    if ("body" in node) {
      walk(node.body, visit);
      walk(node.otherwise ?? [], visit);
    }
  }
}

function walkPipe(pipe: Pipe, visit: (expression: Expression) => void): void {
  for (const command of pipe.commands) for (const arg of command.args) walkExpression(arg, visit);
}

function walkExpression(expression: Expression, visit: (expression: Expression) => void): void {
  visit(expression);
  if (expression.kind === "chain") walkExpression(expression.of, visit);
  if (expression.kind === "pipe") walkPipe(expression.pipe, visit);
}
