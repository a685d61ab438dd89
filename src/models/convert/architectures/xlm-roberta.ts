/** XLM-RoBERTa as an embedding model (bge-m3, multilingual-e5): a BERT whose positions begin behind the padding token. */
import type { Architecture } from "./architecture.ts";
import { bertMetadata, bertRows, bertShared } from "./bert.ts";

const SKIPPED = 2;

export const xlmRoberta: Architecture = {
  ...bertShared,
  names: ["XLMRobertaModel"],
  metadata(config) {
    config.demand("pad_token_id", SKIPPED - 1);
    return bertMetadata(config, SKIPPED);
  },
  rows: (config) => bertRows(config, SKIPPED),
};
