/** Qwen3-Coder, Qwen 3.5 and Nemotron 3: `<tool_call><function=name><parameter=key>value</parameter></function></tool_call>`. */
import { type Expression, optional, sequence, text } from "../grammar/expression.ts";
import { textStyle } from "../grammar/plain-values.ts";
import { memberList } from "../grammar/text-without.ts";
import { eachMembers } from "../grammar/tool-arguments.ts";
import { type CallWriter, eachTool, gap, several } from "../grammar/tool-calls.ts";
import type { Family } from "./family.ts";
import { toolCallReaders } from "./hermes.ts";

const END = "</parameter>";
const line = optional(text("\n"));

function write(writer: CallWriter): Expression {
  const style = textStyle(END);
  const body = eachTool(writer, (tool) =>
    eachMembers(writer, tool, style, (members) => {
      const parameters = members.map(({ name, required, value }) => ({
        required,
        text: sequence(text(`<parameter=${name}>\n`), value, text(`\n${END}`), line),
      }));
      return sequence(text(`<function=${tool.function.name}>`), line, memberList(writer.rules, parameters), text("</function>"));
    }),
  );
  return several(writer, sequence(text("<tool_call>"), gap, body, gap, text("</tool_call>")), gap);
}

export const qwen3Coder: Family = {
  name: "qwen3-coder",
  matches: (source) => source.includes("<function=") && source.includes("<parameter="),
  parsers: /^(?:qwen3-coder|qwen3\.[58]|ornith|nemotron-3(?:\.5)?-nano)$/,
  calls: () => ({
    family: "qwen3-coder",
    open: "<tool_call>",
    close: "</tool_call>",
    readers: toolCallReaders,
    write,
  }),
};
