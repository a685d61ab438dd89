/** Tells a server on this machine to use files where they lie, instead of sending them to it. */
import { Failed, Invalid, PunaError } from "../../errors.ts";
import type { Client } from "../client.ts";

export interface InPlaceOptions {
  client: Pick<Client, "useFile">;
  onProgress?: (file: string, share: number) => void;
}

/** Digests by file, `sha256:<hex>`. Throws Invalid when the server cannot do it. */
export async function useInPlace(files: Iterable<string>, { client, onProgress }: InPlaceOptions): Promise<Map<string, string>> {
  const digests = new Map<string, string>();
  // One after the other: reading from disk is what takes the time.
  for (const file of new Set(files)) digests.set(file, await useOne(file, { client, onProgress }));
  return digests;
}

async function useOne(file: string, { client, onProgress }: InPlaceOptions): Promise<string> {
  try {
    for await (const { digest, completed = 0, total = 0 } of client.useFile(file)) {
      onProgress?.(file, total === 0 ? 1 : completed / total);
      if (digest !== undefined) return digest;
    }
  } catch (error) {
    if (!(error instanceof PunaError) || error.status !== 404) throw error;
    throw new Invalid("this server cannot use files in place (it is no Puna, or an older one): leave --in-place out", {
      cause: error,
    });
  }
  throw new Failed(`the server did not finish reading ${file}`);
}
