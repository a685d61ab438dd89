/** When a waiting request may start: not while another computes the same prefix, and not before there are cells for it. */
import { Invalid } from "../errors.ts";
import type { Generation } from "./generation.ts";
import { type KvCache, LEAST_PREFIX } from "./kv-cache.ts";
import { commonPrefix } from "./prefixes.ts";

/** Free cells per active request that a request put aside waits for, so that it does not come and go. */
const HEADROOM = 32;

/** Throws `Invalid` for a prompt that cannot be computed as it stands. */
export function checkPrompt(
  prompt: readonly number[],
  { contextLimit, vocabularySize }: { contextLimit: number; vocabularySize: number },
): void {
  if (prompt.length === 0) throw new Invalid("the prompt has no tokens");
  if (prompt.length > contextLimit)
    throw new Invalid(`the prompt has ${prompt.length} tokens, more than the context of ${contextLimit}`, {
      code: "context_length_exceeded",
    });
  const strange = prompt.find((token) => !(token >= 0 && token < vocabularySize));
  if (strange !== undefined) throw new Invalid(`prompt token ${strange} is not in the model's vocabulary`);
}

/** It waits for another's prefix, and the other is still on its way there. */
export function mustWait({ waitsFor }: Generation, active: ReadonlySet<Generation>): boolean {
  return waitsFor !== undefined && active.has(waitsFor.leader) && waitsFor.leader.usable < waitsFor.length;
}

/**
 * An active request that is about to compute a good deal of the same tokens: better to wait for it and share them.
 * @param known how many of the tokens are in the cache already
 */
export function findLeader(generation: Generation, active: Iterable<Generation>, known: number): Generation["waitsFor"] {
  let best: Generation["waitsFor"];
  for (const leader of active) {
    if (!leader.prefilling) continue;
    const length = commonPrefix(generation.tokens, leader.tokens, generation.tokens.length - 1);
    if (length >= known + LEAST_PREFIX && length > leader.usable && length > (best?.length ?? 0)) best = { leader, length };
  }
  return best;
}

/**
 * Cells for all that is known now. What answers will need later is not set aside: when it runs out, the youngest request is put aside.
 * @param shared how many cells of active requests it would share
 */
export function hasRoom(generation: Generation, active: ReadonlySet<Generation>, shared: number, cache: KvCache): boolean {
  if (active.size === 0) return true;
  let needed = generation.tokens.length - shared + 1;
  const slots: number[] = [];
  for (const other of active) {
    needed += other.pending + 1;
    if (other.slot !== undefined) slots.push(other.slot);
  }
  if (generation.preempted) needed += HEADROOM * active.size;
  return cache.ledger.heldBy(slots) + needed <= cache.cells;
}
