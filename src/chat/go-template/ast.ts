/** The tree of a Go template, and how it is written back as text. */

/** A place where a value comes from. `offset` is where it stands in the source. */
export type Expression = { offset: number } & (
  | { kind: "dot" }
  | { kind: "nil" }
  | { kind: "bool"; value: boolean }
  | { kind: "number"; value: bigint | number; text: string }
  | { kind: "string"; value: string; text: string }
  | { kind: "function"; name: string }
  /** `.A.B` */
  | { kind: "field"; path: string[] }
  /** `$x.A.B`; the name holds the `$`. */
  | { kind: "variable"; name: string; path: string[] }
  /** `(pipeline).A.B` and the like. */
  | { kind: "chain"; of: Expression; path: string[] }
  | { kind: "pipe"; pipe: Pipe }
);

export interface Command {
  offset: number;
  args: Expression[];
}

export interface Pipe {
  offset: number;
  /** Variables it sets: declared with `:=`, or assigned with `=`. */
  variables: string[];
  declares: boolean;
  commands: Command[];
}

export type Node =
  | { kind: "text"; text: string; offset: number }
  | { kind: "action"; pipe: Pipe; offset: number }
  | { kind: "if" | "with" | "range"; pipe: Pipe; body: Node[]; otherwise: Node[] | undefined; offset: number }
  | { kind: "template"; name: string; pipe: Pipe | undefined; offset: number }
  | { kind: "break" | "continue"; offset: number };

export interface Tree {
  source: string;
  root: Node[];
  /** Bodies of `define` and `block`, by name. */
  templates: Map<string, Node[]>;
}

/** A tree as text that parses to the same tree. */
export function printTree(tree: Tree): string {
  const defined = [...tree.templates].map(([name, body]) => `{{define ${JSON.stringify(name)}}}${printNodes(body)}{{end}}`);
  return defined.join("") + printNodes(tree.root);
}

function printNodes(nodes: Node[]): string {
  return nodes.map(printNode).join("");
}

function printNode(node: Node): string {
  switch (node.kind) {
    case "text":
      // A last brace that was kept apart from an action by trimmed space would join it.
      return node.text.replace(/\{$/, '{{"{"}}');
    case "action":
      return `{{${printPipe(node.pipe)}}}`;
    case "template":
      return `{{template ${JSON.stringify(node.name)}${node.pipe ? ` ${printPipe(node.pipe)}` : ""}}}`;
    case "break":
    case "continue":
      return `{{${node.kind}}}`;
    default: {
      const otherwise = node.otherwise ? `{{else}}${printNodes(node.otherwise)}` : "";
      return `{{${node.kind} ${printPipe(node.pipe)}}}${printNodes(node.body)}${otherwise}{{end}}`;
    }
  }
}

/** A pipeline as it is written between the braces. */
export function printPipe(pipe: Pipe): string {
  const variables = pipe.variables.length > 0 ? `${pipe.variables.join(", ")} ${pipe.declares ? ":=" : "="} ` : "";
  return variables + pipe.commands.map(printCommand).join(" | ");
}

export function printCommand(command: Command): string {
  return command.args.map(printExpression).join(" ");
}

export function printExpression(expression: Expression): string {
  switch (expression.kind) {
    case "dot":
      return ".";
    case "nil":
      return "nil";
    case "bool":
      return String(expression.value);
    case "number":
    case "string":
      return expression.text;
    case "function":
      return expression.name;
    case "field":
      return dotted(expression.path);
    case "variable":
      return expression.name + dotted(expression.path);
    case "chain":
      return printExpression(expression.of) + dotted(expression.path);
    case "pipe":
      return `(${printPipe(expression.pipe)})`;
  }
}

function dotted(path: string[]): string {
  return path.map((name) => `.${name}`).join("");
}
