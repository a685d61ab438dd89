/** The files of a create request in the store. */
import { Invalid } from "../errors.ts";
import type { NamedBlob } from "./create-request.ts";
import type { ModelStore } from "./store.ts";

/** Where an uploaded file is. It is marked as in use, so that no prune takes it meanwhile. Throws Invalid naming it when it is not there. */
export async function locateUpload(store: ModelStore, { name, digest }: NamedBlob): Promise<string> {
  if (!(await store.hasBlob(digest))) throw new Invalid(`blob ${digest} of "${name}" is not in the model store; upload it first`);
  await store.blobs.touch(digest);
  return await store.blobs.locate(digest);
}

/** An error about a blob as one about the file: the blob's name tells a user nothing. */
export function namingUpload(error: unknown, names: Map<string, string>): unknown {
  if (!(error instanceof Invalid)) return error;
  const message = error.message.replace(/"sha256-[0-9a-f]{64}"/g, (quoted) => {
    const name = names.get(quoted.slice(1, -1).replace("-", ":"));
    return name === undefined ? quoted : `"${name}"`;
  });
  return new Invalid(message, { cause: error, ...(error.code !== undefined && { code: error.code }) });
}
