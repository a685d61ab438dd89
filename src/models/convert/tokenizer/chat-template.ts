/** The Jinja chat templates of a model folder, from any of the three places where they have been kept. */
import type { Entry } from "../../gguf/write.ts";
import { isRecord } from "../../manifest.ts";
import type { Json, ModelFolder } from "../folder.ts";
import { text, texts } from "../metadata.ts";

/** The default one, and others by name, as llama.cpp's converter keeps them. Empty for a model that does not chat. */
export async function chatTemplateEntries(folder: ModelFolder, tokenizerConfig: Json | undefined): Promise<Entry[]> {
  const templates = named((await folder.json("chat_template.json"))?.chat_template ?? tokenizerConfig?.chat_template);
  const own = await folder.text("chat_template.jinja");
  if (own !== undefined) templates.set("default", own);
  for (const { name } of folder.files) {
    const [, other] = /^additional_chat_templates\/(\w+)\.jinja$/.exec(name) ?? [];
    if (other !== undefined) templates.set(other, (await folder.text(name)) ?? "");
  }
  const main = templates.get("default");
  const others = [...templates].filter(([name]) => name !== "default");
  return [
    ...(main === undefined ? [] : [text("tokenizer.chat_template", main)]),
    ...(others.length === 0
      ? []
      : [
          texts(
            "tokenizer.chat_templates",
            others.map(([name]) => name),
          ),
        ]),
    ...others.map(([name, template]) => text(`tokenizer.chat_template.${name}`, template)),
  ];
}

/** One text, or a list of them with names. */
function named(value: unknown): Map<string, string> {
  if (typeof value === "string") return new Map([["default", value]]);
  const list = Array.isArray(value) ? value.filter(isRecord) : [];
  return new Map(
    list.flatMap(({ name, template }) =>
      typeof name === "string" && /^\w{1,64}$/.test(name) && typeof template === "string" ? [[name, template] as const] : [],
    ),
  );
}
