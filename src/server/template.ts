/** The template that writes a model's prompts, parsed once per model. */
import { chooseTemplate } from "../chat/choose.ts";
import type { ChatTemplate } from "../chat/types.ts";
import type { Config } from "../config.ts";
import { textField } from "../models/gguf/fields.ts";
import { displayName } from "../models/name.ts";
import type { Model } from "../models/types.ts";

const MOST_KEPT = 32;
const kept = new Map<string, ChatTemplate>();

/** Texts of the special tokens are known once the model is loaded; Jinja templates write them by name. Throws what parsing throws. */
export function templateOf(
  model: Model,
  { goTemplate }: Pick<Config, "goTemplate">,
  tokens: { bosText?: string; eosText?: string } = {},
): ChatTemplate {
  const { bosText, eosText } = tokens;
  const key = JSON.stringify([model.digest, goTemplate, bosText, eosText]);
  const known = kept.get(key);
  if (known) return known;
  const template = chooseTemplate({
    go: model.template,
    jinja: model.header && textField(model.header, "tokenizer.chat_template"),
    jinjaTools: model.header && textField(model.header, "tokenizer.chat_template.tool_use"),
    parser: model.config.parser,
    renderer: model.config.renderer,
    preferGo: goTemplate,
    model: displayName(model.name),
    ...(bosText !== undefined && { bosText }),
    ...(eosText !== undefined && { eosText }),
  });
  kept.set(key, template);
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value ?? "");
  return template;
}
