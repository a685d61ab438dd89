/** Chat templates by the name of a renderer, which some models' configurations give in place of a template. */
import { Failed } from "../../errors.ts";
import { familyOf } from "../formats/families.ts";
import { linkTools } from "../tool-links.ts";
import type { ChatTemplate } from "../types.ts";
import { chatmlStyles } from "./chatml.ts";
import { renderStyle } from "./style.ts";
import { taggedStyles } from "./tagged.ts";

const styles = new Map(Object.entries({ ...chatmlStyles, ...taggedStyles }));

export const rendererNames: readonly string[] = [...styles.keys()];

/** Throws Failed for a name that we do not know, in Ollama's words. */
export function rendererTemplate(name: string, parser?: string): ChatTemplate {
  const style = styles.get(name);
  if (!style) throw new Failed(`unknown renderer ${JSON.stringify(name)}`);
  // What the family looks like shows in a call.
  const source = style.calls([{ function: { name: "name", arguments: { key: "value" } } }]);
  const family = familyOf(source, parser ?? name);
  const trimmed = style.thinking && { open: style.thinking.open.trim(), close: style.thinking.close.trim() };
  return {
    kind: "renderer",
    source,
    supports: { tools: true, thinking: trimmed !== undefined, insert: false },
    ...(trimmed && { thinking: trimmed }),
    ...(family && { family }),
    render: (input) => renderStyle(style, { ...input, messages: linkTools(input.messages) }),
  };
}
