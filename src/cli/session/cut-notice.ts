/** What to tell a person whose conversation did not fit: a model that forgets in silence looks stupid. */
import type { Cuts } from "../wire.ts";

const REMEDY = "a larger num_ctx keeps more";

/** One line for standard error, or nothing. */
export function cutNotice(cuts: Cuts): string {
  const {
    prompt_truncated: truncated,
    prompt_tokens_original: tokens,
    truncated_messages: messages = 0,
    shifted_tokens: shifted = 0,
  } = cuts;
  if (truncated) {
    const what =
      messages > 0
        ? `the first ${messages === 1 ? "message was" : `${messages} messages were`} left out`
        : "its beginning was left out";
    return `Note: the prompt is longer than the context${tokens ? ` (${tokens} tokens)` : ""}: ${what}; ${REMEDY}\n`;
  }
  return shifted > 0 ? `Note: the context was full: ${shifted} earlier tokens were dropped while answering; ${REMEDY}\n` : "";
}
