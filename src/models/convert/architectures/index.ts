/** The architectures that can be converted. */
import { Invalid } from "../../../errors.ts";
import type { Architecture } from "./architecture.ts";
import { bert } from "./bert.ts";
import { gemma } from "./gemma.ts";
import { gemma2 } from "./gemma2.ts";
import { gemma3 } from "./gemma3.ts";
import { llama } from "./llama.ts";
import { mistral } from "./mistral.ts";
import { mixtral } from "./mixtral.ts";
import { nomicBert } from "./nomic-bert.ts";
import { phi3 } from "./phi3.ts";
import { qwen2 } from "./qwen2.ts";
import { qwen3 } from "./qwen3.ts";
import { xlmRoberta } from "./xlm-roberta.ts";

export const architectures: readonly Architecture[] = [
  ...[llama, mistral, mixtral, qwen2, qwen3, gemma, gemma2, gemma3, phi3, bert, xlmRoberta, nomicBert],
];

/** By the name in config.json. Throws Invalid with Ollama's text, and what would be possible. */
export function findArchitecture(name: string): Architecture {
  const found = architectures.find(({ names }) => names.includes(name));
  if (found) return found;
  const known = architectures.flatMap(({ names }) => names).join(", ");
  throw new Invalid(`unsupported architecture ${JSON.stringify(name)}; these can be converted: ${known}`);
}
