/** What a path below /v2/ asks for. */
import { Invalid, NotFound } from "../../errors.ts";
import { isDigest, parseDigest } from "../../models/digest.ts";
import { isValidName } from "../../models/name.ts";

/** All tags of one model. The host is undefined when the path names none: then any that has such a model. */
export interface Repository {
  host: string | undefined;
  namespace: string;
  model: string;
}

export type RegistryRequest =
  | { kind: "root" }
  | { kind: "catalog" }
  | { kind: "tags"; repository: Repository; text: string }
  /** `reference` is a tag or a digest. */
  | { kind: "manifest"; repository: Repository; reference: string }
  | { kind: "blob"; repository: Repository; digest: string };

/** Throws Invalid for a name or digest that is none, NotFound for a path of no such form. */
export function parseRequest(path: string): RegistryRequest {
  const rest = path.replace(/^\/v2\/?/, "");
  if (rest === "") return { kind: "root" };
  if (rest === "_catalog") return { kind: "catalog" };
  const [, name = "", what = "", last = ""] = /^(.+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(rest) ?? [];
  if (what === "tags" && last !== "list") throw new NotFound("404 page not found");
  if (what === "") throw new NotFound("404 page not found");
  const repository = parseRepository(name);
  if (what === "tags") return { kind: "tags", repository, text: name };
  if (what === "manifests") {
    const isTag = isValidName({ host: "h", namespace: "n", model: "m", tag: last });
    if (!isTag && !isDigest(last))
      throw new Invalid(`${JSON.stringify(last)} is neither a tag nor a digest`, { code: "TAG_INVALID" });
    return { kind: "manifest", repository, reference: last };
  }
  if (!isDigest(last)) throw new Invalid("invalid digest format", { code: "DIGEST_INVALID" });
  return { kind: "blob", repository, digest: parseDigest(last) };
}

/** `model`, `namespace/model` or `host/namespace/model`. */
function parseRepository(text: string): Repository {
  const parts = text.split("/");
  const [model = "", namespace = "library", host] = parts.reverse();
  if (parts.length > 3 || !isValidName({ host: host ?? "h", namespace, model, tag: "t" })) {
    throw new Invalid(`${JSON.stringify(text)} is no model name`);
  }
  return { host, namespace, model };
}
