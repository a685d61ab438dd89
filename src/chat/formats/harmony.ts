/** gpt-oss: `<|channel|>commentary to=functions.name <|constrain|>json<|message|>{…}<|call|>`. */
import { choice, type Expression, optional, sequence, text } from "../grammar/expression.ts";
import { eachTool, jsonArguments } from "../grammar/tool-calls.ts";
import type { Family } from "./family.ts";
import { HARMONY_TAGS } from "./harmony-parser.ts";

const again = optional(text("<|start|>assistant"));
const json = optional(choice(text(" json"), text(" <|constrain|>json")));

/** The answer itself, as the message that it is. */
export function answerMessage(answer: Expression): Expression {
  return sequence(again, text("<|channel|>final"), json, text("<|message|>"), answer);
}

export const harmony: Family = {
  name: "harmony",
  matches: (source) => source.includes("<|start|>") && source.includes("<|message|>") && source.includes("<|channel|>"),
  parsers: /^(?:harmony|gpt-?oss)$/,
  channels: true,
  // What the answer goes on with after thinking.
  thinking: { open: "<|channel|>analysis<|message|>", close: "<|end|>" },
  calls: () => ({
    family: "harmony",
    inner: HARMONY_TAGS,
    readers: [],
    begins: () => ({ texts: ["<|channel|>commentary to=functions.", "<|start|>assistant to=functions."], first: false }),
    write(writer) {
      const call = eachTool(writer, (tool) => {
        const to = text(` to=functions.${tool.function.name}`);
        const commentary = text("<|channel|>commentary");
        const header = choice(sequence(commentary, to), sequence(to, commentary));
        return sequence(header, json, text("<|message|>"), jsonArguments(writer, tool));
      });
      return sequence(again, call);
    },
  }),
};
