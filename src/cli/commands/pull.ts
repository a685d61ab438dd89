/** `puna pull MODEL`: fetches a model from a registry. */
import type { Context } from "../context.ts";
import { interruptible } from "../interruptible.ts";
import { pullModel } from "../session/pull-model.ts";

export interface TransferFlags {
  insecure?: boolean;
}

/** Ctrl-C stops it; what has been fetched is kept for the next time. */
export async function pull(context: Context, model: string, { insecure = false }: TransferFlags): Promise<void> {
  await interruptible((signal) => pullModel(model, { insecure, signal }, context));
}
