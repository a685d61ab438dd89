/** Any other model whose template shows how a call begins, if only by the bracket of its JSON. */
import { optional, sequence, text } from "../grammar/expression.ts";
import { gap, jsonBeginnings, jsonCall, several } from "../grammar/tool-calls.ts";
import type { CallFormat } from "./family.ts";
import { toolCallReaders } from "./hermes.ts";

/** `tag` is the text that begins a call: `ChatTemplate.toolTag`. */
export function genericCalls(tag: string | undefined): CallFormat {
  // Lists are read as well as objects, so a bracket is no part of a tag.
  const open = tag?.replace(/\s*\[$/, "") ?? "";
  const listed = tag !== undefined && open !== tag;
  const tagged = open !== "" && open !== "{";
  const close = tagged ? closeTag(open) : undefined;
  return {
    family: "generic",
    ...(tagged ? { open } : { bare: true, begins: jsonBeginnings }),
    ...(close !== undefined && { close }),
    readers: toolCallReaders,
    write(writer) {
      const call = jsonCall(writer, { name: "name", arguments: "arguments" });
      if (!tagged) return several(writer, call, text("\n"));
      const before = text(open);
      const list = sequence(text("["), several(writer, call, text(", ")), text("]"));
      if (listed) return sequence(before, gap, list, gap, optional(text(close ?? "")));
      return several(writer, sequence(before, gap, call, ...(close ? [gap, text(close)] : [])), gap);
    },
  };
}

function closeTag(open: string): string | undefined {
  const angled = /^<([^<>/|｜]+)>$/.exec(open);
  if (angled) return `</${angled[1]}>`;
  if (!/^<[|｜][^<>|｜]+[|｜]>$/.test(open)) return undefined;
  const ended = open.replace(/begin|start/, "end").replace(/BEGIN|START/, "END");
  return ended === open ? open.replace("<|", "<|/") : ended;
}
