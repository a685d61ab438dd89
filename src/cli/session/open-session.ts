/** Finds a model on the server and begins a session with it. */
import { NotFound, PunaError } from "../../errors.ts";
import type { Context } from "../context.ts";
import type { ShowReply } from "../wire.ts";
import { createBundled, isBundled } from "./bundled.ts";
import type { Session } from "./session.ts";

export type SessionSettings = Pick<Session, "wordWrap" | "hideThinking" | "verbose"> &
  Partial<Pick<Session, "keepAlive" | "format" | "think">>;

/** The bundled model is made on first use. Throws NotFound with a remedy for any other that is missing. */
export async function openSession(
  model: string,
  settings: SessionSettings,
  context: Pick<Context, "client" | "terminal">,
): Promise<Session> {
  const shown = await find(model, context);
  const capabilities = shown.capabilities ?? [];
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

async function find(model: string, context: Pick<Context, "client" | "terminal">): Promise<ShowReply> {
  try {
    return await context.client.show(model);
  } catch (error) {
    if (!(error instanceof PunaError && error.status === 404)) throw error;
    if (!isBundled(model)) {
      throw new NotFound(
        `model '${model}' not found: make it from a GGUF file with 'puna create ${model} -f Modelfile', or try 'puna run mini'`,
        { cause: error },
      );
    }
  }
  await createBundled(model, context);
  return context.client.show(model);
}
