/** /puna/keys: making, listing and revoking API keys. The guard lets only an administrator come here. */
import type { Context } from "hono";
import { z } from "zod";
import { clientId } from "../../accounts/client-key.ts";
import type { ApiKey } from "../../accounts/keys.ts";
import { parseLifetime } from "../../accounts/lifetime.ts";
import { readJson } from "../body.ts";
import type { Deps } from "../deps.ts";
import { json } from "../respond.ts";

const request = z.object({
  name: z.string().default(""),
  scopes: z.array(z.string()).optional(),
  models: z.array(z.string()).optional(),
  /** Such as `90d`. */
  expires_in: z.string().optional(),
  /** Of a registry client, in OpenSSH's form: what it signs then counts as this key. */
  client_public_key: z.string().optional(),
});

/** POST: a new key. The answer is the only place where it is ever shown. */
export function createKey({ keys }: Pick<Deps, "keys">) {
  return async (c: Context): Promise<Response> => {
    const { expires_in, client_public_key, ...wanted } = await readJson(c, request, "KeyRequest");
    const lifetime = expires_in === undefined ? {} : { expiresInMs: parseLifetime(expires_in) };
    const client = client_public_key === undefined ? {} : { client: clientId(client_public_key) };
    const { key, token } = keys.create({ ...wanted, ...lifetime, ...client });
    c.header("Cache-Control", "no-store");
    return json(c, { ...shown(key), key: token }, 201);
  };
}

/** GET: all keys, without what makes them keys. */
export function listKeys({ keys }: Pick<Deps, "keys">) {
  return (c: Context): Response => json(c, { keys: keys.list().map(shown) });
}

/** DELETE /puna/keys/:key, by name or id. */
export function revokeKey({ keys }: Pick<Deps, "keys">) {
  return (c: Context): Response => json(c, shown(keys.revoke(c.req.param("key") ?? "")));
}

function shown(key: ApiKey) {
  const time = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());
  const isOver = key.expiresAt !== undefined && key.expiresAt <= Date.now();
  return {
    id: key.id,
    name: key.name,
    scopes: key.scopes,
    models: key.models ?? null,
    state: key.revokedAt !== undefined ? "revoked" : isOver ? "expired" : "active",
    created_at: time(key.createdAt),
    expires_at: time(key.expiresAt),
    last_used_at: time(key.lastUsedAt),
    revoked_at: time(key.revokedAt),
  };
}
