/** GLM 4.5 and later, Laguna: `<tool_call>name<arg_key>key</arg_key><arg_value>value</arg_value></tool_call>`. */
import { type Expression, sequence, text } from "../grammar/expression.ts";
import { textStyle } from "../grammar/plain-values.ts";
import { memberList } from "../grammar/text-without.ts";
import { eachMembers } from "../grammar/tool-arguments.ts";
import { type CallWriter, eachTool, gap, several } from "../grammar/tool-calls.ts";
import type { Family } from "./family.ts";
import { toolCallReaders } from "./hermes.ts";

function write(writer: CallWriter): Expression {
  const style = textStyle("</arg_value>");
  const body = eachTool(writer, (tool) =>
    eachMembers(writer, tool, style, (members) => {
      const pairs = members.map(({ name, required, value }) => ({
        required,
        text: sequence(text(`<arg_key>${name}</arg_key>`), gap, text("<arg_value>"), value, text("</arg_value>"), gap),
      }));
      return sequence(text(tool.function.name), gap, memberList(writer.rules, pairs));
    }),
  );
  return several(writer, sequence(text("<tool_call>"), body, text("</tool_call>")), gap);
}

export const glm: Family = {
  name: "glm",
  matches: (source) => source.includes("<arg_key>"),
  parsers: /^(?:glm-.*|laguna|poolside-v1)$/,
  calls: () => ({
    family: "glm",
    open: "<tool_call>",
    close: "</tool_call>",
    inner: ["<arg_key>", "</arg_key>", "<arg_value>", "</arg_value>"],
    readers: toolCallReaders,
    write,
  }),
  thinking: { open: "<think>", close: "</think>" },
};
