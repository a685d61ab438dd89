/** The whole HTTP surface, wired: guards first, then one handler per endpoint. */
import { Hono, type MiddlewareHandler } from "hono";
import { logger } from "../log.ts";
import { RegistryClient } from "../registry/client.ts";
import { countTokens } from "./anthropic/count-tokens.ts";
import { messages } from "./anthropic/messages.ts";
import type { Deps } from "./deps.ts";
import { guardHosts } from "./guard/hosts.ts";
import { guardKeys } from "./guard/keys.ts";
import { guardOrigins } from "./guard/origins.ts";
import { HttpCounts } from "./http-counts.ts";
import { later } from "./later.ts";
import { infill } from "./llama-cpp/infill.ts";
import { me, onTheWeb, recommendations, signOut } from "./ollama/account.ts";
import { headBlob, postBlob } from "./ollama/blobs.ts";
import { chat } from "./ollama/chat.ts";
import { copy } from "./ollama/copy.ts";
import { create } from "./ollama/create.ts";
import { remove } from "./ollama/delete.ts";
import { embed } from "./ollama/embed.ts";
import { embeddings } from "./ollama/embeddings.ts";
import { generate } from "./ollama/generate.ts";
import { ps } from "./ollama/ps.ts";
import { pull } from "./ollama/pull.ts";
import { push } from "./ollama/push.ts";
import { rerank } from "./ollama/rerank.ts";
import { show } from "./ollama/show.ts";
import { ollamaApiVersion, root, status, version } from "./ollama/status.ts";
import { tags } from "./ollama/tags.ts";
import { detokenize, tokenize } from "./ollama/tokenize.ts";
import { chatCompletions } from "./openai/chat-completions.ts";
import { completions } from "./openai/completions.ts";
import { embeddings as openaiEmbeddings } from "./openai/embeddings.ts";
import { inOpenaiWords } from "./openai/errors.ts";
import { listModels, retrieveModel } from "./openai/models.ts";
import { countInputTokens, createResponse } from "./openai/responses/create.ts";
import { deleteResponse, getResponse, listInputItems } from "./openai/responses/kept.ts";
import { StoredResponses } from "./openai/responses/stored.ts";
import { useFile } from "./puna/files.ts";
import { whatFits } from "./puna/fit.ts";
import { createKey, listKeys, revokeKey } from "./puna/keys.ts";
import { hasMetrics, metrics } from "./puna/metrics.ts";
import { outdated } from "./puna/outdated.ts";
import { prune } from "./puna/prune.ts";
import { registry } from "./registry/registry.ts";
import { errorResponse } from "./respond.ts";
import { addRoutes } from "./routes.ts";

const log = logger("server");

/** The server without a port: `app.request("/api/tags")` works in tests. */
export function createApp(deps: Deps): Hono {
  const app = new Hono();
  const http = new HttpCounts();
  app.use(
    http.middleware,
    logRequests,
    guardOrigins(deps.config.origins),
    guardHosts(deps.config.host.hostname),
    guardKeys(deps),
  );
  app.onError((error, c) => errorResponse(c, error));
  if (deps.config.registry) app.all("/v2/*", registry(deps));
  const knowledge = later(async () => (await import("./knowledge/app.ts")).knowledgeApp(deps));
  for (const path of ["/puna/knowledge/*", "/puna/knowledge-import/*", "/puna/openapi.json"]) app.all(path, knowledge);
  const responses = new StoredResponses();
  const currentVersion = version(deps);
  const remote = deps.remote ?? new RegistryClient({ ...deps, versions: { puna: deps.version, ollama: ollamaApiVersion } });
  const listing = tags(deps, remote.pulled);
  addRoutes(app, {
    "/": { GET: root, HEAD: root },
    "/api/version": { GET: currentVersion, HEAD: currentVersion },
    "/api/status": { GET: status },
    "/api/tags": { GET: listing, HEAD: listing },
    "/api/ps": { GET: ps(deps) },
    "/api/generate": { POST: generate(deps) },
    "/api/chat": { POST: chat(deps) },
    "/api/embed": { POST: embed(deps) },
    "/api/embeddings": { POST: embeddings(deps) },
    ...(hasMetrics(deps.config) && { "/metrics": { GET: metrics(deps, http) } }),
    "/api/me": { POST: me },
    "/api/signout": { POST: signOut },
    "/api/user/keys/:key": { DELETE: signOut },
    "/api/experimental/web_search": { POST: onTheWeb("web search") },
    "/api/experimental/web_fetch": { POST: onTheWeb("web fetch") },
    "/api/experimental/model-recommendations": { GET: recommendations },
    "/infill": { POST: inOpenaiWords(infill(deps)) },
    "/api/rerank": { POST: rerank(deps) },
    "/api/tokenize": { POST: tokenize(deps) },
    "/api/detokenize": { POST: detokenize(deps) },
    "/api/show": { POST: show(deps) },
    "/api/fit": { POST: whatFits(deps) },
    "/api/create": { POST: create(deps) },
    "/api/copy": { POST: copy(deps) },
    "/api/delete": { DELETE: remove(deps) },
    "/api/blobs/:digest": { HEAD: headBlob(deps), POST: postBlob(deps) },
    "/v1/messages": { POST: messages(deps) },
    "/v1/messages/count_tokens": { POST: countTokens(deps) },
    "/v1/chat/completions": { POST: inOpenaiWords(chatCompletions(deps)) },
    "/v1/completions": { POST: inOpenaiWords(completions(deps)) },
    "/v1/embeddings": { POST: inOpenaiWords(openaiEmbeddings(deps)) },
    "/v1/rerank": { POST: inOpenaiWords(rerank(deps)) },
    "/v1/models": { GET: inOpenaiWords(listModels(deps)) },
    "/v1/models/:model{.+}": { GET: inOpenaiWords(retrieveModel(deps)) },
    "/v1/responses": { POST: inOpenaiWords(createResponse(deps, responses)) },
    "/v1/responses/input_tokens": { POST: inOpenaiWords(countInputTokens(deps, responses)) },
    "/v1/responses/:id": { GET: inOpenaiWords(getResponse(responses)), DELETE: inOpenaiWords(deleteResponse(responses)) },
    "/v1/responses/:id/input_items": { GET: inOpenaiWords(listInputItems(responses)) },
    "/puna/prune": { POST: prune(deps) },
    "/puna/files": { POST: useFile(deps) },
    "/puna/keys": { GET: listKeys(deps), POST: createKey(deps) },
    "/puna/keys/:key": { DELETE: revokeKey(deps) },
    "/api/pull": { POST: pull(remote) },
    "/api/outdated": { POST: outdated(remote) },
    "/api/push": { POST: push(deps, remote) },
  });
  return app;
}

/** One line a request, when debugging. The time is that of the first byte. */
const logRequests: MiddlewareHandler = async (c, next) => {
  const started = performance.now();
  await next();
  log.debug("request", {
    method: c.req.method,
    path: c.req.path,
    status: c.res.status,
    ms: Math.round(performance.now() - started),
  });
};
