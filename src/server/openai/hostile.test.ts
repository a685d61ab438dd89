/** Bodies that no honest client sends: every one gets an answer or an error in the envelope, never a 500. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  await server.make("m", { jinja: "{% if tools %}{% endif %}{{ messages[-1].content }}." });
});
afterAll(() => server.close());

const json = fc.jsonValue({ maxDepth: 4 });
const key = fc.constantFrom(
  "type",
  "role",
  "content",
  "text",
  "name",
  "function",
  "arguments",
  "call_id",
  "output",
  "schema",
  "tools",
  "id",
);
const kind = fc.constantFrom(
  "text",
  "message",
  "function",
  "function_call",
  "function_call_output",
  "reasoning",
  "namespace",
  "json_schema",
  "user",
  "assistant",
  "tool",
  "allowed_tools",
  "item_reference",
);
/** Objects that look as if they were right. */
const { tree } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    kind,
    json,
    fc.dictionary(key, tie("tree"), { maxKeys: 5 }),
    fc.array(tie("tree"), { maxLength: 3 }),
  ),
}));

test.each([
  [
    "/v1/chat/completions",
    ["messages", "tools", "tool_choice", "response_format", "stop", "logit_bias", "options", "reasoning", "think", "keep_alive"],
  ],
  ["/v1/completions", ["prompt", "suffix", "stop", "logit_bias", "options", "logprobs", "echo"]],
  ["/v1/responses", ["input", "tools", "tool_choice", "text", "reasoning", "include", "metadata", "options", "instructions"]],
])("%s", async (path, names) => {
  const bodies = fc.record(Object.fromEntries(names.map((name) => [name, tree])), { requiredKeys: [] });
  await fc.assert(
    fc.asyncProperty(bodies, async (body) => {
      const short = { max_tokens: 1, max_output_tokens: 1 };
      const response = await server.post(path, {
        model: "m",
        messages: [{ role: "user", content: "x" }],
        input: "x",
        prompt: "x",
        ...short,
        ...body,
      });
      const answer = await object(response);
      expect([200, 400]).toContain(response.status);
      if (response.status === 400)
        expect(answer.error).toMatchObject({ message: expect.any(String), type: "invalid_request_error" });
    }),
    { numRuns: 150 },
  );
});
