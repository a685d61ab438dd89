/** From an Anthropic request to the conversation that every dialect asks for. */
import type { ToolChoice } from "../../chat/tool-choice.ts";
import type { Think, Tool } from "../../chat/types.ts";
import { Invalid } from "../../errors.ts";
import type { Model } from "../../models/types.ts";
import { requireCapabilities } from "../capable.ts";
import type { Conversation } from "../converse.ts";
import type { AskedModel } from "../knowledge/asked.ts";
import { withModelMessages } from "../model-messages.ts";
import { toMessages } from "./content.ts";
import type { MessagesBody } from "./wire.ts";

/** Throws Invalid for what this model, or this server, cannot do. */
export function toConversation(model: AskedModel, body: MessagesBody, signal: AbortSignal): Conversation {
  const tools = body.tools.map(toTool);
  const toolChoice = toToolChoice(body.tool_choice);
  requireCapabilities(model, body.model, "chat", tools.length > 0 ? ["tools"] : []);
  return {
    model,
    input: { kind: "messages", messages: withModelMessages(model, toMessages(body)), tools },
    think: thinkOf(model, body),
    thinkingBudget: body.thinking?.budget_tokens ?? undefined,
    format: formatOf(body),
    toolChoice,
    parallelToolCalls: body.tool_choice?.disable_parallel_tool_use === true ? false : undefined,
    options: optionsOf(model, body),
    keepAliveMs: body.keep_alive,
    truncate: true,
    shift: undefined,
    topLogprobs: undefined,
    signal,
  };
}

function optionsOf(model: Model, body: MessagesBody): Record<string, unknown> {
  const own = model.parameters.stop;
  // A model's own stop strings end its turn; a client that adds one does not mean to take them away.
  const stop = [...(Array.isArray(own) ? own : own === undefined ? [] : [own]), ...body.stop_sequences];
  return {
    ...body.options,
    ...(body.max_tokens !== undefined && { num_predict: body.max_tokens }),
    ...(body.temperature !== undefined && { temperature: body.temperature }),
    ...(body.top_p !== undefined && { top_p: body.top_p }),
    ...(body.top_k !== undefined && { top_k: body.top_k }),
    ...(body.stop_sequences.length > 0 && { stop }),
  };
}

/** Asked of a model that cannot think, thinking is left out, as the content of the answer shows. */
function thinkOf(model: Model, { thinking, output_config: config }: MessagesBody): Think | undefined {
  const effort = effortOf(config?.effort ?? undefined);
  const type = thinking?.type;
  if (type !== undefined && !["enabled", "disabled", "adaptive", "between_tools"].includes(type))
    throw new Invalid(`thinking.type: ${JSON.stringify(type)} is neither "enabled" nor "disabled"`);
  const budget = thinking?.budget_tokens;
  if (budget !== undefined && budget !== null && budget < 1) throw new Invalid("thinking.budget_tokens: must be positive");
  if (!model.capabilities.includes("thinking")) return undefined;
  return type === "disabled" ? false : (effort ?? true);
}

function effortOf(effort: string | undefined): Think | undefined {
  if (effort === undefined) return undefined;
  if (effort === "low" || effort === "medium" || effort === "high" || effort === "max") return effort;
  if (effort === "xhigh") return "high";
  throw new Invalid(`output_config.effort: ${JSON.stringify(effort)} is not one of "low", "medium", "high", "xhigh" and "max"`);
}

function formatOf({ output_config: config }: MessagesBody): unknown {
  const format = config?.format;
  if (!format) return undefined;
  if (format.type !== "json_schema")
    throw new Invalid(`output_config.format.type: ${JSON.stringify(format.type)} is not "json_schema"`);
  return format.schema;
}

function toTool(tool: MessagesBody["tools"][number], at: number): Tool {
  const { type, name, description, input_schema: parameters } = tool;
  if (type && type !== "custom")
    throw new Invalid(
      `tools[${at}].type: ${JSON.stringify(type)} is a tool of Anthropic's servers, which this server does not have; describe a tool with name and input_schema`,
    );
  if (name === "") throw new Invalid(`tools[${at}].name: is required`);
  return {
    type: "function",
    function: { name, ...(description && { description }), ...(parameters && { parameters }) },
  };
}

function toToolChoice(choice: MessagesBody["tool_choice"]): ToolChoice | undefined {
  if (!choice) return undefined;
  if (choice.type === "auto" || choice.type === "none") return choice.type;
  if (choice.type === "any") return "required";
  if (choice.type !== "tool")
    throw new Invalid(`tool_choice.type: ${JSON.stringify(choice.type)} is not one of "auto", "any", "tool" and "none"`);
  if (!choice.name) throw new Invalid('tool_choice.name: is required with the type "tool"');
  return { name: choice.name };
}
