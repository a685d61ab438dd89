/** Who may ask for what: API keys, and the proof of being the same user on the same machine. */
import type { Context, MiddlewareHandler } from "hono";
import { type Grant, hasScope, type Scope } from "../../accounts/grant.ts";
import { ApiKeys } from "../../accounts/keys.ts";
import { isLocalProof } from "../../accounts/local-proof.ts";
import { PunaError } from "../../errors.ts";
import type { Deps } from "../deps.ts";
import { underGrant } from "./allowed-models.ts";
import { isLoopback } from "./hosts.ts";
import { refuse } from "./refuse.ts";
import { scopeOf } from "./scopes.ts";

const local: Grant = { name: "local", scopes: ["admin"], models: undefined };

/** `ignorable`: where no key is needed, it is as if none had been sent. */
interface Fault {
  refusal: PunaError;
  ignorable: boolean;
}

const howToSend = "send one as 'Authorization: Bearer KEY' or 'x-api-key: KEY' (the puna command takes it from PUNA_API_KEY)";

/** Whether requests need a key: always where others can reach the server, unless the setting says otherwise. */
export function needsKeys({ requireKey, host }: Deps["config"]): boolean {
  return requireKey ?? !isLoopback(host.hostname);
}

/**
 * 401 for a request without a good key, 403 for one whose key does not reach that far. Where no key is needed, one that is sent still
 * limits its request, and a key that is not ours is taken as none: many clients must send something. What is for administrators always
 * needs authority, because a web page or another user of the machine can reach a loopback address as well.
 */
export function guardKeys({ config, keys, localSecret }: Pick<Deps, "config" | "keys" | "localSecret">): MiddlewareHandler {
  const required = needsKeys(config);
  return async (c, next) => {
    const scope = scopeOf(c.req.path, c.req.method);
    if (scope === "none") return next();
    const found = presentedGrant(c, { keys, localSecret });
    if ("refusal" in found) {
      if (scope.includes("admin") && found.ignorable) return await refuse(c, onlyAdministrators());
      if (required || !found.ignorable) return await refuse(c, found.refusal);
      return next();
    }
    if (!reaches(found, scope)) return await refuse(c, tooNarrow(found, scope));
    await underGrant(found, next);
  };
}

function reaches(grant: Grant, scope: readonly Scope[] | "any"): boolean {
  return scope === "any" || scope.some((one) => hasScope(grant, one));
}

/** Whether the request comes from who may do everything here, such as name files of this machine: a path could be anyone's. */
export function isAdministrator(c: Context, who: Pick<Deps, "keys" | "localSecret">): boolean {
  const found = presentedGrant(c, who);
  return !("refusal" in found) && hasScope(found, "admin");
}

function onlyAdministrators(): PunaError {
  const message =
    "this takes an API key with the scope 'admin', or the puna command on the server's own machine, run by the same user with the same PUNA_HOME";
  return new PunaError(401, message, { code: "missing_api_key" });
}

function tooNarrow(grant: Grant, scope: readonly Scope[] | "any"): PunaError {
  const lacking = (scope === "any" ? [] : scope).map((one) => `'${one}'`).join(" or ");
  const message = `the API key '${grant.name}' lacks the scope ${lacking} (it has: ${grant.scopes.join(", ")})`;
  return new PunaError(403, message, { code: "insufficient_scope" });
}

/** What came with the request: the proof of being here, a key, or nothing that counts. */
export function presentedGrant(c: Context, { keys, localSecret }: Pick<Deps, "keys" | "localSecret">): Grant | Fault {
  return isLocal(c, localSecret) ? local : grantOf(c, keys);
}

/** The grant of the first key that counts. Of several keys that do not, the fault of one of ours is the one to tell. */
function grantOf(c: Context, keys: ApiKeys): Grant | Fault {
  let fault: Fault | undefined;
  for (const token of tokensOf(c)) {
    const found = keys.check(token);
    if (typeof found !== "string") return found;
    const isOurs = ApiKeys.looksLikeOurs(token);
    const what = found === "unknown" ? "not valid" : found;
    if (isOurs || !fault) {
      const refusal = new PunaError(401, `this API key is ${what}`, { code: "invalid_api_key" });
      fault = { refusal, ignorable: !isOurs };
    }
  }
  const missing = () => new PunaError(401, `this server needs an API key: ${howToSend}`, { code: "missing_api_key" });
  return fault ?? { refusal: missing(), ignorable: true };
}

/** Every place where clients put a key. With Basic it is the password, as registry clients send it. */
function tokensOf(c: Context): string[] {
  const [, scheme = "", value = ""] = /^(\w+) +(\S.*)$/.exec(c.req.header("authorization") ?? "") ?? [];
  const tokens = [c.req.header("x-api-key") ?? ""];
  if (scheme.toLowerCase() === "bearer") tokens.push(value);
  const decoded = () => Buffer.from(value, "base64").toString("utf8");
  if (scheme.toLowerCase() === "basic") tokens.push(decoded().replace(/^[^:]*:/, ""));
  return tokens.map((token) => token.trim()).filter(Boolean);
}

function isLocal(c: Context, secret: string | undefined): boolean {
  const header = c.req.header("authorization");
  if (!secret || !header) return false;
  const { pathname, search } = new URL(c.req.url);
  return isLocalProof(header, secret, { method: c.req.method, path: pathname + search });
}
