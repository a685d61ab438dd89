/** Takes tags out of an answer that stand around it, such as Cohere's `<|START_RESPONSE|>`. */
import type { OutputParser, Piece } from "../types.ts";
import { overlap } from "./overlap.ts";

export function wrapperParser(tags: readonly string[]): OutputParser {
  let held = "";
  const content = (text: string): Piece[] => (text === "" ? [] : [{ type: "content", text }]);
  return {
    push(text) {
      held += text;
      let settled = "";
      for (;;) {
        const found = tags.map((tag) => ({ tag, at: held.indexOf(tag) })).filter(({ at }) => at >= 0);
        const first = found.sort((a, b) => a.at - b.at)[0];
        const end = first ? first.at : held.length - Math.max(...tags.map((tag) => overlap(held, tag)));
        settled += held.slice(0, end);
        held = held.slice(end + (first?.tag.length ?? 0));
        if (!first) return content(settled);
      }
    },
    end() {
      const half = Math.max(...tags.map((tag) => overlap(held, tag)));
      const rest = half > 1 ? held.slice(0, -half) : held;
      held = "";
      return content(rest);
    },
  };
}
