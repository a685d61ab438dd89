// Says of one reply whether it is right, and if not, in which way it is wrong.
import { isDeepStrictEqual } from "node:util";

/** Sentences end at a full stop that is not inside a number or after an initial; quoting is checked against the whole passage. */
function answer({ passages, answer: gold, source }, content) {
  const match = /^\[(\d+)\]\s*([\s\S]*)$/.exec(content.trim());
  const text = match ? match[2] : content.trim();
  const cited = match ? Number(match[1]) : 0;
  const verbatim = passages.some((passage) => passage.includes(text)) && text.length > 0;
  const wrong = [];
  if (!text.includes(gold)) wrong.push("without the gold words");
  if (!verbatim) wrong.push("not verbatim");
  if (cited !== source) wrong.push("wrong citation");
  if (passages[source - 1] === text && passages[source - 1].split(/[.。]/).length > 3) wrong.push("whole passage");
  return wrong;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const loose = (value) => JSON.parse(JSON.stringify(value), (_, v) => (typeof v === "number" ? String(v) : v));

function called({ call }, message) {
  const made = message.tool_calls?.[0]?.function;
  if (!made) return ["no call"];
  const wrong = made.name === call.name ? [] : ["wrong tool"];
  return isDeepStrictEqual(loose(made.arguments), loose(call.arguments)) ? wrong : [...wrong, "wrong arguments"];
}

export function judge(one, message) {
  const content = (message.content ?? "").trim();
  switch (one.kind) {
    case "answer":
      return answer(one, content);
    case "refusal":
      return content === one.refusal ? [] : ["answered"];
    case "greeting":
      return content.includes(one.expect) ? [] : ["something else"];
    case "tools":
      return called(one, message);
    case "json":
      return isDeepStrictEqual(loose(parsed(content) ?? null), loose(one.object)) ? [] : ["other JSON"];
    case "thinking": {
      const wrong = message.thinking?.trim() ? [] : ["no thinking"];
      return [...wrong, ...judge({ ...one, kind: one.inner }, message)];
    }
    default:
      throw new Error(`unknown kind ${one.kind}`);
  }
}
