/** /v2/: this machine's models for the clients of registries (OCI distribution specification, pull only). */
import type { Context, Handler } from "hono";
import { NotFound, PunaError } from "../../errors.ts";
import { defaultHost, type ModelName, same } from "../../models/name.ts";
import type { Deps } from "../deps.ts";
import { underGrant } from "../guard/allowed-models.ts";
import { json } from "../respond.ts";
import { Access } from "./access.ts";
import { sendBlob } from "./blob.ts";
import { registryError } from "./errors.ts";
import { findManifest, hasBlob, namesIn } from "./find.ts";
import { parseRequest, type RegistryRequest } from "./request.ts";

export function registry(deps: Deps): Handler {
  const access = new Access(deps);
  return async (c) => {
    c.header("Docker-Distribution-Api-Version", "registry/2.0");
    try {
      const isReading = ["GET", "HEAD"].includes(c.req.raw.method);
      if (!isReading) throw new PunaError(405, "this registry is for pulling only", { code: "UNSUPPORTED" });
      if (c.req.path === "/v2/token") return json(c, access.token(c));
      const grant = access.grant(c);
      const request = parseRequest(c.req.path);
      if (!grant) return await answer(c, request, deps, access);
      return await underGrant(grant, () => answer(c, request, deps, access));
    } catch (error) {
      return registryError(c, error);
    }
  };
}

async function answer(c: Context, request: RegistryRequest, { store }: Deps, access: Access): Promise<Response> {
  switch (request.kind) {
    case "root":
      return json(c, {});
    case "catalog":
      return json(c, { repositories: [...new Set((await store.names()).map(repositoryName))].sort() });
    case "tags": {
      const tags = (await namesIn(store, request.repository)).map(({ tag }) => tag).sort();
      if (tags.length === 0) throw new NotFound("there is no such model here");
      return json(c, { name: request.text, tags });
    }
    case "manifest": {
      const { bytes, digest, manifest } = await findManifest(store, request.repository, request.reference);
      c.header("Content-Type", manifest.mediaType);
      c.header("Docker-Content-Digest", digest);
      c.header("ETag", `"${digest}"`);
      c.header("Content-Length", String(bytes.length));
      return c.req.raw.method === "HEAD" ? c.body(null) : c.body(new Uint8Array(bytes));
    }
    case "blob": {
      const { repository, digest } = request;
      if (!(await hasBlob(store, repository, digest))) throw new NotFound("blob unknown to this model", { code: "BLOB_UNKNOWN" });
      return await sendBlob(c, { file: await store.blobs.locate(digest), digest, location: access.location(c) });
    }
  }
}

/** As a client asks for it: without the host that goes without saying. */
function repositoryName({ host, namespace, model }: ModelName): string {
  return same(host, defaultHost) ? `${namespace}/${model}` : `${host}/${namespace}/${model}`;
}
