/** Which of a model's templates writes its prompts. */
import { logger } from "../log.ts";
import { goTemplate } from "./go.ts";
import { type JinjaOptions, jinjaTemplate } from "./jinja.ts";
import type { ChatTemplate } from "./types.ts";

export interface TemplateSources extends JinjaOptions {
  /** The model's TEMPLATE layer. */
  go: string | undefined;
  /** `tokenizer.chat_template` of its GGUF. */
  jinja: string | undefined;
  /** OLLAMA_GO_TEMPLATE: always, never, or whichever can do more. */
  preferGo: boolean | undefined;
  /** For the log. */
  model?: string;
}

type Candidate = ChatTemplate & { hasToolRoundTrip: boolean };

/** Picks as Ollama does (ollama-behaviour section 7.1). Throws what parsing the chosen template throws. */
export function chooseTemplate(sources: TemplateSources): ChatTemplate {
  const log = logger("chat");
  const { go, jinja, preferGo } = sources;
  if (!go && !jinja) {
    log.warn("the model has no chat template: prompts go to it as they are", { model: sources.model });
    return goTemplate("{{ .Prompt }}");
  }
  if (!jinja || (go && preferGo === true)) return goTemplate(go ?? "");
  if (!go || preferGo === false) return jinjaTemplate(jinja, sources);
  const ours = goTemplate(go);
  try {
    const theirs = jinjaTemplate(jinja, sources);
    return preferJinja(ours, theirs) ? theirs : ours;
  } catch (error) {
    log.warn("the model's Jinja template is not usable, its Go template is", { model: sources.model, error: String(error) });
    return ours;
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
