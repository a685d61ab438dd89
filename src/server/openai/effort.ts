/** How hard to think, in OpenAI's words. */
import type { Think } from "../../chat/types.ts";
import { Invalid } from "../../errors.ts";

const THINK: Record<string, Think> = {
  none: false,
  minimal: "low",
  low: "low",
  medium: "medium",
  high: "high",
  xhigh: "max",
  ultra: "max",
  max: "max",
};

/** Throws Invalid in Ollama's words. */
export function thinkOfEffort(effort: string | undefined, param: string): Think | undefined {
  if (effort === undefined) return undefined;
  const think = Object.hasOwn(THINK, effort) ? THINK[effort] : undefined;
  if (think !== undefined) return think;
  const words = '"minimal", "low", "medium", "high", "xhigh", "ultra", "max", or "none"';
  throw new Invalid(`invalid reasoning value: ${JSON.stringify(effort)} (must be ${words})`, { param });
}
