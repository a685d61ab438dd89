/** Finds a model on the server and begins a session with it. */
import { Invalid, PunaError } from "../../errors.ts";
import type { Context } from "../context.ts";
import { interruptible } from "../interruptible.ts";
import type { ShowReply } from "../wire.ts";
import { createBundled, isBundled } from "./bundled.ts";
import { pullModel } from "./pull-model.ts";
import type { Session } from "./session.ts";

export type SessionSettings = Pick<Session, "wordWrap" | "hideThinking" | "verbose"> &
  Partial<Pick<Session, "keepAlive" | "format" | "think">>;

interface PullSettings {
  insecure: boolean;
}

/** The bundled model is made on first use; any other that is missing is pulled, if `pull` is given. Throws NotFound otherwise. */
export async function openSession(
  model: string,
  { pull, ...settings }: SessionSettings & { pull?: PullSettings },
  context: Pick<Context, "client" | "terminal">,
): Promise<Session> {
  const shown = await find(model, pull, context);
  const capabilities = shown.capabilities ?? [];
  if (capabilities.includes("image")) throw new Invalid("image generation models are not currently supported");
  return {
    model,
    parentModel: shown.details?.parent_model ?? "",
    capabilities,
    loadedMessages: shown.messages ?? [],
    messages: [],
    system: undefined,
    options: {},
    format: settings.format,
    think: settings.think ?? (capabilities.includes("thinking") ? true : undefined),
    keepAlive: settings.keepAlive,
    wordWrap: settings.wordWrap,
    hideThinking: settings.hideThinking,
    verbose: settings.verbose,
  };
}

async function find(
  model: string,
  pull: PullSettings | undefined,
  context: Pick<Context, "client" | "terminal">,
): Promise<ShowReply> {
  try {
    return await context.client.show(model);
  } catch (error) {
    if (!(error instanceof PunaError && error.status === 404) || !(pull || isBundled(model))) throw error;
  }
  if (isBundled(model)) await createBundled(model, context);
  else await interruptible((signal) => pullModel(model, { insecure: false, ...pull, signal }, context));
  return await context.client.show(model);
}
