/** The tools of a response: functions in the flat form, alone or in a namespace. */
import { z } from "zod";
import type { Tool } from "../../../chat/types.ts";
import { Invalid } from "../../../errors.ts";
import { optional } from "../fields.ts";
import { functionFields, functionTool } from "../tools.ts";
import type { Item } from "./wire.ts";

export interface OfferedTools {
  tools: Tool[];
  /** The items behind them, which the answer repeats. */
  items: Item[];
  /** Types of the tools that are left out, since OpenAI's own servers run them. */
  ignored: Set<string>;
}

const flat = z.looseObject(functionFields);
const namespace = z.looseObject({ name: z.string(), tools: optional(z.array(z.record(z.string(), z.unknown()))) });

/**
 * A tool that a server of OpenAI would run is left out and named, instead of refused: coding agents offer a web search whatever the
 * server. Throws Invalid for a function that is none.
 */
export function offeredTools(items: Item[]): OfferedTools {
  const offered: OfferedTools = { tools: [], items: [], ignored: new Set() };
  for (const [index, item] of items.entries()) {
    const param = `tools[${index}]`;
    if (item.type === "function") offered.tools.push(toTool(item, param, ""));
    else if (item.type === "namespace") offered.tools.push(...membersOf(item, param));
    else if (typeof item.type !== "string") throw new Invalid(`${param} has no type`, { param });
    else {
      // Goes into a header, which takes few characters.
      offered.ignored.add(item.type.replace(/[^\w.-]/g, "?").slice(0, 64));
      continue;
    }
    offered.items.push(item);
  }
  return offered;
}

function membersOf(item: Item, param: string): Tool[] {
  const { success, data } = namespace.safeParse(item);
  if (!success) throw new Invalid(`${param} is no namespace: it needs a name and tools`, { param });
  return (data.tools ?? []).map((member, index) => toTool(member, `${param}.tools[${index}]`, `${data.name}.`));
}

function toTool(item: Item, param: string, prefix: string): Tool {
  const { success, data } = flat.safeParse(item);
  if (!success) throw new Invalid(`${param} is no function: it needs a name, and parameters that are an object`, { param });
  return functionTool({ ...data, name: data.name && prefix + data.name }, param);
}
