/** What the command line says of itself to a server: an API key, or that it is the same user on the same machine. */
import { localProof, readLocalSecret } from "../accounts/local-proof.ts";
import type { Config } from "../config.ts";

interface Asked {
  method: string;
  path: string;
}

/** The Authorization header for a request; undefined when there is nothing to say. */
export type Credentials = (asked: Asked) => string | undefined;

/**
 * The key that is set; without one, and for keys themselves, the proof of being here. A proof goes to this machine only, and nobody can
 * use it for anything but the request it is for.
 */
export function credentialsOf({ host, home, apiKey }: Pick<Config, "host" | "home" | "apiKey">): Credentials {
  const isHere = /^(?:localhost|127(?:\.\d{1,3}){3}|::1|0\.0\.0\.0|::)$/.test(host.hostname);
  let secret: string | undefined;
  return (asked) => {
    const proves = isHere && (apiKey === undefined || asked.path.startsWith("/puna/"));
    if (proves) secret ??= readLocalSecret(home);
    if (proves && secret !== undefined) return localProof(secret, asked);
    return apiKey === undefined ? undefined : `Bearer ${apiKey}`;
  };
}
