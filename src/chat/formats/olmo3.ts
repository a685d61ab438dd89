/** Olmo 3: `<function_calls>name(key="value")</function_calls>`, a line for each call. */
import { sequence, text } from "../grammar/expression.ts";
import { pythonCalls } from "../grammar/python-calls.ts";
import type { Family } from "./family.ts";
import { jsonReader } from "./json-calls.ts";
import { pythonReader } from "./python-calls.ts";

const OPEN = "<function_calls>";
const CLOSE = "</function_calls>";

export const olmo3: Family = {
  name: "olmo3",
  matches: (source) => source.includes(OPEN),
  parsers: /^olmo3/,
  calls: () => ({
    family: "olmo3",
    open: OPEN,
    close: CLOSE,
    readers: [pythonReader, jsonReader()],
    write: (writer) => sequence(text(OPEN), pythonCalls(writer, text("\n")), text(CLOSE)),
  }),
};
