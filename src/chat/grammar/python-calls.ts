/** Grammar of calls in Python: `name(key=value, …)`. */
import { type Expression, sequence, text } from "./expression.ts";
import { pythonStyle } from "./plain-values.ts";
import { memberList } from "./text-without.ts";
import { eachMembers } from "./tool-arguments.ts";
import { type CallWriter, eachTool, several } from "./tool-calls.ts";

/** One or more, with `separator` between them. */
export function pythonCalls(writer: CallWriter, separator: Expression): Expression {
  const call = eachTool(writer, (tool) =>
    eachMembers(writer, tool, pythonStyle, (members) => {
      const given = members.map(({ name, required, value }) => ({ required, text: sequence(text(`${name}=`), value) }));
      return sequence(text(`${tool.function.name}(`), memberList(writer.rules, given, text(", ")), text(")"));
    }),
  );
  return several(writer, call, separator);
}
