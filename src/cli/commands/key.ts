/** `puna key create|list|revoke`: API keys of the server. */
import { readFile } from "node:fs/promises";
import { Invalid } from "../../errors.ts";
import type { Context } from "../context.ts";
import { humanTime } from "../terminal/human.ts";
import { table } from "../terminal/table.ts";
import type { KeyReply } from "../wire.ts";

export interface KeyFlags {
  scope?: string;
  model?: string;
  expires?: string;
  client?: string;
  all?: boolean;
  json?: boolean;
}

type KeyContext = Pick<Context, "client" | "terminal" | "now">;

/** Throws Invalid for an action that is none, or that lacks its name. */
export async function key(context: KeyContext, action: string, name: string | undefined, flags: KeyFlags): Promise<void> {
  if (action === "list" || action === "ls") return list(context, flags);
  if (action !== "create" && action !== "revoke" && action !== "rm") {
    throw new Invalid(`unknown action ${JSON.stringify(action)} (must be create, list or revoke)`);
  }
  if (!name) throw new Invalid(`which key? puna key ${action} NAME`);
  if (action === "create") return create(context, name, flags);
  const revoked = await context.client.revokeKey(name);
  if (flags.json) context.terminal.out(`${JSON.stringify(revoked)}\n`);
  else context.terminal.out(`revoked '${revoked.name}'\n`);
}

/** The key alone goes to standard output, so that a script can take it. */
async function create({ client, terminal, now }: KeyContext, name: string, flags: KeyFlags): Promise<void> {
  const made = await client.createKey({
    name,
    ...(flags.scope !== undefined && { scopes: words(flags.scope) }),
    ...(flags.model !== undefined && { models: words(flags.model) }),
    ...(flags.expires !== undefined && { expires_in: flags.expires }),
    ...(flags.client !== undefined && { client_public_key: await publicKey(flags.client) }),
  });
  if (flags.json) return terminal.out(`${JSON.stringify(made)}\n`);
  const until = made.expires_at === null ? "without end" : `until ${humanTime(made.expires_at, { now: now(), never: "" })}`;
  terminal.err(
    `Key '${made.name}' for ${made.scopes.join(", ")}${made.models ? ` of ${made.models.join(", ")}` : ""}, ${until}.\n`,
  );
  terminal.err("Keep it now: it is not shown again.\n");
  terminal.out(`${made.key}\n`);
}

async function list({ client, terminal, now }: KeyContext, { all, json }: KeyFlags): Promise<void> {
  const keys = (await client.keys()).filter(({ state }) => all || state !== "revoked");
  if (json) return terminal.out(`${JSON.stringify(keys)}\n`);
  const time = (at: string | null, never: string) => humanTime(at ?? undefined, { now: now(), never });
  const end = ({ state, expires_at }: KeyReply) => (state === "revoked" ? "revoked" : time(expires_at, "never"));
  const rows = keys.map((one) => [
    one.name,
    one.id,
    one.scopes.join(","),
    one.models?.join(",") ?? "all",
    end(one),
    time(one.last_used_at, "never"),
  ]);
  terminal.out(table(["NAME", "ID", "SCOPES", "MODELS", "EXPIRES", "USED"], rows));
}

function words(text: string): string[] {
  return text
    .split(",")
    .map((word) => word.trim())
    .filter(Boolean);
}

/** The line itself, or the file it is in. */
async function publicKey(text: string): Promise<string> {
  if (text.startsWith("ssh-")) return text;
  try {
    return (await readFile(text, "utf8")).trim();
  } catch (cause) {
    throw new Invalid(`cannot read the public key ${text}: name the file id_ed25519.pub of that machine, or give its line`, {
      cause,
    });
  }
}
