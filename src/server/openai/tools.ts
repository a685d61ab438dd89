/** Tools and the choice among them, as chat completions write them. */
import { z } from "zod";
import type { ToolChoice } from "../../chat/tool-choice.ts";
import type { Tool } from "../../chat/types.ts";
import { Invalid } from "../../errors.ts";
import { optional } from "./fields.ts";

export const functionFields = {
  name: z.string(),
  description: optional(z.string()),
  parameters: optional(z.record(z.string(), z.unknown())),
};

export const chatTool = z.looseObject({ type: z.string().default("function"), function: optional(z.object(functionFields)) });

/** A word, or an object that names tools; the Responses API writes names without the inner `function`. */
const namedTool = z.looseObject({
  type: optional(z.string()),
  name: optional(z.string()),
  function: optional(z.looseObject({ name: optional(z.string()) })),
});
const allowed = { mode: optional(z.string()), tools: optional(z.array(namedTool)) };
const choiceObject = z.looseObject({ ...namedTool.shape, ...allowed, allowed_tools: optional(z.looseObject(allowed)) });
export const toolChoice = z.union([z.string(), choiceObject]).optional();

export interface ChosenTools {
  tools: Tool[];
  toolChoice: ToolChoice | undefined;
}

/** Throws Invalid for a tool that is no function: those run on OpenAI's servers. */
export function toolOf({ type, function: given }: z.output<typeof chatTool>, param: string): Tool {
  if (type !== "function" || !given)
    throw new Invalid(`${param} is of type ${JSON.stringify(type)}: only functions can be called, with "function": {"name": …}`, {
      param,
    });
  return functionTool(given, param);
}

export function functionTool(
  given: { name: string; description?: string | undefined; parameters?: Record<string, unknown> | undefined },
  param: string,
): Tool {
  const { name, description, parameters } = given;
  if (name === "") throw new Invalid(`${param} has no name`, { param });
  return {
    type: "function",
    function: { name, ...(description !== undefined && { description }), ...(parameters && { parameters }) },
  };
}

/** Applies `tool_choice`; a list of allowed tools leaves the others out. Throws Invalid for what is no choice. */
export function chosenTools(tools: Tool[], choice: z.output<typeof toolChoice>): ChosenTools {
  const param = "tool_choice";
  if (choice === undefined) return { tools, toolChoice: undefined };
  if (typeof choice === "string") return { tools, toolChoice: wordOf(choice, param) };
  if (choice.type === "allowed_tools") {
    const { mode = "auto", tools: some = [] } = choice.allowed_tools ?? choice;
    const names = some.map(({ name, function: inner }) => inner?.name ?? name);
    return { tools: tools.filter((tool) => names.includes(tool.function.name)), toolChoice: wordOf(mode, `${param}.mode`) };
  }
  const name = choice.function?.name ?? choice.name;
  if (choice.type !== "function" || name === undefined)
    throw new Invalid(`${param} must be "none", "auto", "required", or {"type": "function", "function": {"name": …}}`, { param });
  return { tools, toolChoice: { name } };
}

function wordOf(word: string, param: string): ToolChoice {
  if (word === "auto" || word === "none" || word === "required") return word;
  throw new Invalid(`${param} is ${JSON.stringify(word)}; it must be "none", "auto" or "required"`, { param });
}
