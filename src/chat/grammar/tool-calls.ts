/** A grammar that forces one call of one of the given tools, with arguments that fit its parameters. */
import type { Tool } from "../types.ts";
import { colon, comma } from "./any-json.ts";
import { compileSchema } from "./compile.ts";
import { choice, type Expression, sequence, text } from "./expression.ts";
import { grammarOf } from "./format.ts";

/** How a model family writes a call: `open` and `close` around `{"<name>": tool, "<arguments>": {...}}`. */
export interface CallWrapper {
  open: string;
  close: string;
  name: string;
  arguments: string;
}

/** GBNF for one call. Throws Invalid naming the keyword when a tool's parameters cannot be held. */
export function grammarForToolCalls(tools: readonly Tool[], wrapper: CallWrapper): string {
  return grammarOf((rules) => {
    const calls = tools.map((tool): Expression => {
      // each tool's references start from its own parameters
      const values = compileSchema(rules, { type: "object", ...tool.function.parameters });
      const head = text(`{${JSON.stringify(wrapper.name)}`);
      const name = text(JSON.stringify(tool.function.name));
      return sequence(head, colon, name, comma, text(JSON.stringify(wrapper.arguments)), colon, values, text("}"));
    });
    return sequence(text(wrapper.open), choice(...calls), text(wrapper.close));
  });
}
