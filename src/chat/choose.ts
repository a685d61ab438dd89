/** Which of a model's templates writes its prompts. */
import { logger } from "../log.ts";
import { goTemplate } from "./go.ts";
import { type JinjaOptions, jinjaTemplate } from "./jinja.ts";
import { rendererTemplate } from "./renderers/index.ts";
import type { ChatTemplate } from "./types.ts";

export interface TemplateSources extends JinjaOptions {
  /** The model's TEMPLATE layer. */
  go: string | undefined;
  /** `tokenizer.chat_template` of its GGUF. */
  jinja: string | undefined;
  /** `tokenizer.chat_template.tool_use`: some models have a second template for conversations with tools. */
  jinjaTools?: string | undefined;
  /** The renderer that the model's config names. Its own Jinja template, where it has one, says the same in the vendor's words. */
  renderer?: string | undefined;
  /** OLLAMA_GO_TEMPLATE: always, never, or whichever can do more. */
  preferGo: boolean | undefined;
  /** For the log. */
  model?: string;
}

type Candidate = ChatTemplate & { hasToolRoundTrip: boolean };

/** Picks as Ollama does (ollama-behaviour section 7.1). Throws what parsing the chosen template throws. */
export function chooseTemplate(sources: TemplateSources): ChatTemplate {
  const chosen = chooseOne(sources);
  if (chosen.supports.tools) return chosen;
  const withTools = toolTemplate(sources, chosen.kind);
  return withTools ? { ...chosen, withTools } : chosen;
}

/** Tools are written in the family's own way where any of the model's templates knows it. */
function toolTemplate(
  { go, jinja, jinjaTools, ...sources }: TemplateSources,
  chosen: ChatTemplate["kind"],
): ChatTemplate | undefined {
  const makers = [
    () => (jinjaTools ? jinjaTemplate(jinjaTools, sources) : undefined),
    () => (chosen === "go" ? jinja && jinjaTemplate(jinja, sources) : go && goTemplate(go, sources.parser)),
  ];
  for (const make of makers) {
    try {
      const template = make();
      if (template !== "" && template?.supports.tools) return template;
    } catch (error) {
      logger("chat").warn("a template of the model is not usable", { model: sources.model, error: String(error) });
    }
  }
  return undefined;
}

function chooseOne(sources: TemplateSources): ChatTemplate {
  const log = logger("chat");
  const { go, jinja, preferGo, parser, renderer } = sources;
  if (renderer) return rendered(sources, renderer);
  if (!go && !jinja) {
    log.warn("the model has no chat template: prompts go to it as they are", { model: sources.model });
    return goTemplate("{{ .Prompt }}");
  }
  if (!jinja || (go && preferGo === true)) return goTemplate(go ?? "", parser);
  if (!go || preferGo === false) return jinjaTemplate(jinja, sources);
  const ours = goTemplate(go, parser);
  try {
    const theirs = jinjaTemplate(jinja, sources);
    return preferJinja(ours, theirs) ? theirs : ours;
  } catch (error) {
    log.warn("the model's Jinja template is not usable, its Go template is", { model: sources.model, error: String(error) });
    return ours;
  }
}

function rendered({ jinja, ...sources }: TemplateSources, renderer: string): ChatTemplate {
  if (!jinja) return rendererTemplate(renderer, sources.parser);
  try {
    return jinjaTemplate(jinja, sources);
  } catch (error) {
    logger("chat").warn("the model's Jinja template is not usable, its renderer is", {
      model: sources.model,
      error: String(error),
    });
    return rendererTemplate(renderer, sources.parser);
  }
}

/** Jinja wins with strictly more capabilities and no worse tool support, or as the only one with a tool round trip. */
function preferJinja(go: Candidate, jinja: Candidate): boolean {
  const count = ({ supports }: Candidate) => Number(supports.tools) + Number(supports.thinking);
  const covers = (a: Candidate, b: Candidate) =>
    (a.supports.tools || !b.supports.tools) && (a.supports.thinking || !b.supports.thinking);
  if (!covers(jinja, go)) return false;
  if (count(jinja) > count(go)) return !go.hasToolRoundTrip || jinja.hasToolRoundTrip;
  return go.supports.tools && jinja.supports.tools && jinja.hasToolRoundTrip && !go.hasToolRoundTrip;
}
