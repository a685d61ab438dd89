/** DeepSeek: R1 and V3 write `function<｜tool▁sep｜>name` and fenced JSON, V3.1 `name<｜tool▁sep｜>{…}`. Cogito is as R1. */
import { sequence, text } from "../grammar/expression.ts";
import { eachTool, gap, jsonArguments, several } from "../grammar/tool-calls.ts";
import type { CallFormat, Family } from "./family.ts";
import { jsonReader } from "./json-calls.ts";

const OPEN = "<｜tool▁calls▁begin｜>";
const CLOSE = "<｜tool▁calls▁end｜>";
const BEGIN = "<｜tool▁call▁begin｜>";
const END = "<｜tool▁call▁end｜>";
const SEP = "<｜tool▁sep｜>";
/** The type "function" stands before the name, or nothing does. */
const NAME = /(?:function<｜tool▁sep｜>|<｜tool▁call▁begin｜>)\s*([^\s<｜{]+)\s*(?:<｜tool▁sep｜>)?\s*(?:```(?:json)?)?\s*$/;

function format(source: string): CallFormat {
  const fenced = source.includes("```json");
  return {
    family: "deepseek",
    open: OPEN,
    close: CLOSE,
    inner: [BEGIN, END, SEP],
    readers: [jsonReader({ name: NAME })],
    write(writer) {
      const call = eachTool(writer, (tool) => {
        const given = jsonArguments(writer, tool);
        const name = tool.function.name;
        if (!fenced) return sequence(text(`${BEGIN}${name}${SEP}`), given, text(END));
        return sequence(text(`${BEGIN}function${SEP}${name}\n\`\`\`json\n`), given, text(`\n\`\`\`${END}`));
      });
      return sequence(text(OPEN), several(writer, call, gap), text(CLOSE));
    },
  };
}

export const deepseek: Family = {
  name: "deepseek",
  matches: (source) => source.includes(OPEN),
  parsers: /^(?:deepseek3(?:\.1)?|cogito)$/,
  calls: format,
  thinking: { open: "<think>", close: "</think>" },
};
