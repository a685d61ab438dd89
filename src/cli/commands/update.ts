/** `puna update [MODEL...]`: pulls again what its registry has another version of. */
import { Canceled, Failed, Invalid, messageOf, PunaError } from "../../errors.ts";
import type { Context } from "../context.ts";
import { interruptible } from "../interruptible.ts";
import { pullModel } from "../session/pull-model.ts";
import type { ListedModel } from "../wire.ts";
import type { TransferFlags } from "./pull.ts";

export interface UpdateFlags extends TransferFlags {
  /** Only says what is outdated. */
  check?: boolean;
}

type UpdateContext = Pick<Context, "client" | "terminal">;

/**
 * Without names, the models that the server has pulled and nobody has changed since: one that was made here may have the name of another
 * in a registry. Goes on after a model that fails, and throws Failed at the end.
 */
export async function update({ client, terminal }: UpdateContext, names: string[], flags: UpdateFlags): Promise<void> {
  await interruptible(async (signal) => {
    const context = { client: client.until(signal), terminal };
    const listed = await context.client.list();
    const chosen = names.length > 0 ? names : listed.filter(({ pulled }) => pulled).map(({ name }) => name);
    let failures = 0;
    for (const name of chosen) {
      try {
        terminal.out(`${await updateOne(name, flags, { ...context, signal })}\n`);
      } catch (error) {
        if (error instanceof Canceled) throw error;
        failures += 1;
        terminal.err(`Error: ${name}: ${messageOf(error)}\n`);
      }
    }
    if (names.length === 0) terminal.err(leftOut(listed));
    if (failures > 0) throw new Failed(`${failures} of ${chosen.length} models could not be updated`);
  });
}

/** What happened to it. */
async function updateOne(
  model: string,
  { insecure = false, check = false }: UpdateFlags,
  context: UpdateContext & { signal: AbortSignal },
): Promise<string> {
  const upToDate = `'${model}' is up to date`;
  const outdated = await isOutdated(model, insecure, context);
  if (outdated === false) return upToDate;
  if (check) {
    if (outdated === undefined) throw new Invalid("this server cannot look without pulling: leave --check out");
    return `'${model}' is outdated`;
  }
  const before = await digestOf(model, context);
  await pullModel(model, { insecure, signal: context.signal }, context);
  return outdated === undefined && before === (await digestOf(model, context)) ? upToDate : `updated '${model}'`;
}

/** Undefined for a server that cannot tell, such as Ollama's. */
async function isOutdated(model: string, insecure: boolean, { client }: UpdateContext): Promise<boolean | undefined> {
  try {
    return (await client.outdated({ model, insecure })).outdated;
  } catch (error) {
    if (error instanceof PunaError && error.status === 404 && error.message === "404 page not found") return undefined;
    throw error;
  }
}

/** Throws Failed when the model is not there: what was never pulled is not updated. */
async function digestOf(model: string, { client }: UpdateContext): Promise<string> {
  const tagged = /:[^/]*$/.test(model) ? model : `${model}:latest`;
  const found = (await client.list()).find(({ name }) => name.toLowerCase() === tagged.toLowerCase());
  if (!found) throw new Failed(`model '${tagged}' not found`);
  return found.digest;
}

function leftOut(listed: ListedModel[]): string {
  const others = listed.filter(({ pulled, remote_model }) => !pulled && !remote_model).length;
  if (others === 0) return "";
  const [models, them] = others === 1 ? ["1 model", "it"] : [`${others} models`, "them"];
  return `Left out: ${models} that Puna did not pull; name ${them} to update ${them}.\n`;
}
