/** Which scope a path asks for. */
import type { Scope } from "../../accounts/grant.ts";

const MANAGING = ["/api/create", "/api/copy", "/api/delete", "/api/pull", "/api/push", "/api/outdated", "/api/blobs/"];
/** What programs look at before they ask for anything. */
const READING = ["/api/version", "/api/status", "/api/tags", "/api/ps", "/api/show", "/api/fit", "/v1/models", "/metrics"];

/** Knowledge bases for those who only ask them: which there are, what they hold, and search. */
const READING_KNOWLEDGE = /^\/puna\/knowledge(?:\/[^/]+(?:\/documents(?:\/.*)?)?)?\/?$/;
const SEARCHING_KNOWLEDGE = /^\/puna\/knowledge\/[^/]+\/search\/?$/;

/**
 * "none" for the sign of life that load balancers look for, "any" for what every key may see. Whatever is not named here, and so also
 * what is added later, is for those who may ask models. Of several scopes one is enough.
 */
export function scopeOf(path: string, method: string): readonly Scope[] | "any" | "none" {
  if (path === "/") return "none";
  const under = (root: string) => path === root || path.startsWith(root.endsWith("/") ? root : `${root}/`);
  if (under("/puna/openapi.json")) return "any";
  if (under("/puna/knowledge") || under("/puna/knowledge-import")) {
    const reads = ["GET", "HEAD"].includes(method) && READING_KNOWLEDGE.test(path);
    return reads || SEARCHING_KNOWLEDGE.test(path) ? ["inference", "knowledge"] : ["knowledge"];
  }
  if (under("/puna")) return ["admin"];
  // Its clients have ways of their own to say who they are: see registry/access.ts.
  if (under("/v2")) return "none";
  if (MANAGING.some(under)) return ["models"];
  return READING.some(under) ? "any" : ["inference"];
}
