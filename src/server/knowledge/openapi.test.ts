import { afterAll, beforeAll, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { configureLog } from "../../log.ts";
import { knowledgeApp } from "./app.ts";

configureLog({ write: () => {} });

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
});
afterAll(() => server.close());

// biome-ignore lint/suspicious/noExplicitAny: tests read whatever the wire holds
const described = async (): Promise<any> => await object(await server.app.request("/puna/openapi.json"));

test("every route under /puna/knowledge is described", async () => {
  const { openapi, info, paths } = await described();
  expect([openapi, info.version]).toEqual(["3.1.0", "0.1.0"]);
  const routed = knowledgeApp(server.deps)
    .routes.map(({ path }) => path)
    .filter((path) => path.startsWith("/puna/knowledge") && !path.endsWith("/"))
    .map((path) => path.replace(/:(\w+)/g, "{$1}"));
  expect(routed.length).toBeGreaterThan(15);
  expect([...new Set(routed)].sort()).toEqual(Object.keys(paths).sort());
});

test("every method of every path is served, and no other", async () => {
  const { paths } = await described();
  for (const [path, operations] of Object.entries(paths)) {
    const response = await server.app.request(path.replace("{base}", "none").replace(/\{\w+\}/g, "1"), { method: "PUT" });
    expect(response.status).toBe(405);
    const allowed = response.headers.get("allow")?.toLowerCase().split(", ");
    expect([path, allowed?.sort()]).toEqual([path, Object.keys(operations as object).sort()]);
  }
});

test("all references lead somewhere, and operations have names of their own", async () => {
  const document = await described();
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)].map(([, reference]) => reference ?? "");
  expect(references.length).toBeGreaterThan(10);
  for (const reference of new Set(references)) {
    const [, name = ""] = /^#\/components\/schemas\/(\w+)$/.exec(reference) ?? [];
    expect(document.components.schemas[name], reference).toBeDefined();
  }
  // biome-ignore lint/suspicious/noExplicitAny: tests read whatever the wire holds
  const names = Object.values(document.paths).flatMap((path: any) => Object.values(path).map((one: any) => one.operationId));
  expect(new Set(names).size).toBe(names.length);
  expect(names).toContain("postKnowledgeBaseSearch");
});

test("bodies and answers have the fields that the endpoints take and give", async () => {
  const { paths, components } = await described();
  const search = paths["/puna/knowledge/{base}/search"].post;
  expect(Object.keys(search.requestBody.content["application/json"].schema.properties)).toEqual([
    "query",
    "limit",
    "filters",
    "rerank",
    "index",
  ]);
  expect(Object.keys(components.schemas.Hit.properties)).toContain("document_id");
  expect(paths["/puna/knowledge/{base}/jobs/{id}/events"].get.responses[200].content).toHaveProperty("application/x-ndjson");
  expect(paths["/puna/knowledge/{base}/documents"].post.requestBody.content).toHaveProperty("multipart/form-data");
});
