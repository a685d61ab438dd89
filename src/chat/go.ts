/** A model's Go template as a chat template, rendered as Ollama does. */

import { familyOf } from "./formats/families.ts";
import { messagesValue, toolsValue } from "./go-data.ts";
import { cutAfterResponse, fieldNames, thinkingTags, toolTag, withResponse } from "./go-inspect.ts";
import { execute, parse, type Tree, type Value } from "./go-template/index.ts";
import { collate } from "./messages.ts";
import type { ChatTemplate, Message, RenderInput } from "./types.ts";

/** Parses a model's TEMPLATE. Throws `TemplateError` with Go's text when it does not parse. `parser` is the name in its config. */
export function goTemplate(source: string, parser?: string): ChatTemplate & { hasToolRoundTrip: boolean } {
  const tree = withResponse(parse(source));
  const names = fieldNames(tree);
  const family = familyOf(source, parser);
  const thinking = family?.channels ? family.thinking : (thinkingTags(tree) ?? (parser ? family?.thinking : undefined));
  const tools = names.has("Tools");
  return {
    kind: "go",
    source,
    supports: { tools, thinking: thinking !== undefined, insert: names.has("Suffix") },
    hasToolRoundTrip: tools && names.has("ToolCalls") && /eq\s+\.Role\s+"tool"|tool_response|TOOL_RESULTS/.test(source),
    ...(thinking && { thinking }),
    ...(family && { family }),
    ...(tools && { toolTag: toolTag(tree) }),
    // gpt-oss knows no level above high.
    render: (input) =>
      render(tree, names.has("Messages"), family?.channels && input.think === "max" ? { ...input, think: "high" } : input),
  };
}

function render(tree: Tree, usesMessages: boolean, input: RenderInput): string {
  const options = input.now ? { now: input.now } : {};
  const think = {
    Think: input.think !== undefined && input.think !== false,
    ThinkLevel: typeof input.think === "string" ? input.think : input.think ? "medium" : "",
    IsThinkSet: input.think !== undefined,
  };
  const run = (of: Tree, values: Record<string, Value>) =>
    execute(
      of,
      { kind: "map", type: "map[string]interface {}", entries: new Map(Object.entries({ ...values, ...think })) },
      options,
    );
  if (input.prompt && input.suffix) return run(tree, { Prompt: input.prompt, Suffix: input.suffix, Response: "" });
  const { system, messages } = collate(asMessages(input));
  if (usesMessages)
    return run(tree, { System: system, Messages: messagesValue(messages), Tools: toolsValue(input.tools ?? []), Response: "" });
  return renderTurns(tree, messages, run);
}

/** Legacy templates: once per turn; the last turn ends where the model's response begins. */
function renderTurns(tree: Tree, messages: Message[], run: (tree: Tree, values: Record<string, Value>) => string): string {
  let text = "";
  let turn = { System: "", Prompt: "", Response: "" };
  const end = () => {
    text += run(tree, turn);
    turn = { System: "", Prompt: "", Response: "" };
  };
  for (const { role, content } of messages) {
    if (role === "system") {
      if (turn.Prompt || turn.Response) end();
      turn.System = content;
    } else if (role === "user") {
      if (turn.Response) end();
      turn.Prompt = content;
    } else if (role === "assistant") turn.Response = content;
  }
  return text + run(cutAfterResponse(tree), turn);
}

/** Plain generation: the system text and the prompt become messages. */
function asMessages(input: RenderInput): Message[] {
  const messages = [...input.messages];
  if (input.system) messages.unshift({ role: "system", content: input.system });
  if (input.prompt) messages.push({ role: "user", content: input.prompt });
  return messages;
}
