/** Which of a request's tools the model may call, and whether it must. */
import { Invalid } from "../errors.ts";
import type { Tool } from "./types.ts";

/** `auto`: as the model likes. `required`: some tool. A name: that tool. */
export type ToolChoice = "auto" | "none" | "required" | { name: string };

export interface ChosenTools {
  /** What the prompt shows and the answer may call. */
  tools: Tool[];
  /** The answer is a call of one of `tools`. */
  mustCall: boolean;
  /** The answer must not call, although the request has tools. */
  forbidden: boolean;
}

/** Throws Invalid for a choice that these tools cannot meet. */
export function chooseTools(tools: Tool[], choice: ToolChoice = "auto"): ChosenTools {
  if (choice === "none") return { tools: [], mustCall: false, forbidden: tools.length > 0 };
  if (choice === "auto") return { tools, mustCall: false, forbidden: false };
  if (tools.length === 0) throw new Invalid("tool_choice asks for a tool call, but the request has no tools");
  if (choice === "required") return { tools, mustCall: true, forbidden: false };
  const named = tools.filter((tool) => tool.function.name === choice.name);
  if (named.length > 0) return { tools: named, mustCall: true, forbidden: false };
  const names = tools.map((tool) => tool.function.name).join(", ");
  throw new Invalid(`tool_choice names "${choice.name}", but the request's tools are: ${names}`);
}
