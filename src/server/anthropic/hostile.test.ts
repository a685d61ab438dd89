/** Whatever a client sends is answered in Anthropic's words, never with a fault of ours. */
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  await server.make("m", { template: "{{ range .Messages }}{{ .Content }}{{ end }}{{ if .Tools }} {{ end }}" });
});
afterAll(() => server.close());

const kinds = ["text", "tool_use", "tool_result", "thinking", "image", "document", "search_result", "redacted_thinking", "x"];
const json = fc.jsonValue({ maxDepth: 2 });
const block = fc.oneof(
  json,
  fc.record(
    {
      type: fc.constantFrom(...kinds),
      text: fc.oneof(fc.string(), json),
      id: fc.oneof(fc.string(), json),
      name: fc.oneof(fc.string(), json),
      input: json,
      tool_use_id: fc.oneof(fc.string(), json),
      content: fc.oneof(fc.string(), json),
      thinking: fc.oneof(fc.string(), json),
      source: fc.oneof(json, fc.record({ type: fc.constantFrom("text", "base64", "url", "content"), data: json, content: json })),
      is_error: json,
      title: json,
    },
    { requiredKeys: ["type"] },
  ),
);
const message = fc.record({
  role: fc.constantFrom("user", "assistant", "system", "tool"),
  content: fc.oneof(fc.string(), fc.array(block, { maxLength: 3 }), json),
});
const body = fc.record(
  {
    model: fc.constant("m"),
    max_tokens: fc.oneof(fc.constant(3), json),
    messages: fc.oneof(fc.array(message, { maxLength: 3 }), json),
    system: fc.oneof(fc.string(), fc.array(block, { maxLength: 2 }), json),
    tools: fc.oneof(fc.array(fc.record({ name: fc.string(), input_schema: json }), { maxLength: 2 }), json),
    tool_choice: fc.oneof(fc.record({ type: fc.constantFrom("auto", "any", "tool", "none", "x"), name: fc.string() }), json),
    thinking: fc.oneof(fc.record({ type: fc.constantFrom("enabled", "disabled"), budget_tokens: json }), json),
    output_config: json,
    stop_sequences: fc.oneof(fc.array(fc.string(), { maxLength: 2 }), json),
    temperature: json,
    stream: fc.oneof(fc.boolean(), json),
  },
  { requiredKeys: ["model", "max_tokens", "messages"] },
);

test.each(["/v1/messages", "/v1/messages/count_tokens"])("%s", async (path) => {
  await fc.assert(
    fc.asyncProperty(body, async (request) => {
      const response = await server.post(path, request);
      if (response.status === 200) {
        expect(await response.text()).not.toContain("event: error");
        return;
      }
      expect(response.status).toBe(400);
      expect(await object(response)).toMatchObject({ type: "error", error: { type: "invalid_request_error" } });
    }),
    { numRuns: 300 },
  );
});
