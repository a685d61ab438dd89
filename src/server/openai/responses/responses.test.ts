import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../../test/fixtures/server.ts";
import { configureLog } from "../../../log.ts";

configureLog({ write: () => {} });

/** Gives the last message back, and knows the tags of thinking and of tool calls. */
const echo =
  "{% if tools or enable_thinking %}{% endif %}{% if false %}<think></think><tool_call></tool_call>{% endif %}{{ messages[-1].content }}";
const all =
  "{% if tools %}{{ tools[0].function.name }};{% endif %}{% for m in messages %}{{ m.role }}:{{ m.content }}|{% endfor %}";
let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  await server.make("echo", { jinja: echo });
  await server.make("all", { jinja: all });
});
afterAll(() => server.close());

const post = (body: object) => server.post("/v1/responses", { model: "echo", ...body });
const text = async (body: object) => (await object(await post({ model: "all", ...body }))).output[0].content[0].text;
async function events(body: object) {
  const response = await post({ ...body, stream: true });
  expect(response.status).toBe(200);
  return (await response.text())
    .trimEnd()
    .split("\n\n")
    .map((block) => {
      const [, event, data] = /^event: (.*)\ndata: (.*)$/.exec(block) ?? [];
      const value = JSON.parse(data ?? "");
      expect(value.type).toBe(event);
      return value;
    });
}

describe("an answer", () => {
  test("in one piece has every field", async () => {
    const body = { input: "hi", instructions: "Be brief.", metadata: { a: "b" }, temperature: 0.5, max_output_tokens: 9 };
    expect(await object(await post(body))).toEqual({
      id: expect.stringMatching(/^resp_/),
      object: "response",
      created_at: expect.any(Number),
      completed_at: expect.any(Number),
      status: "completed",
      error: null,
      incomplete_details: null,
      instructions: "Be brief.",
      max_output_tokens: 9,
      max_tool_calls: null,
      model: "echo",
      output: [
        {
          id: expect.stringMatching(/^msg_/),
          type: "message",
          status: "completed",
          role: "assistant",
          content: [{ type: "output_text", text: "hi", annotations: [], logprobs: [] }],
        },
      ],
      parallel_tool_calls: true,
      previous_response_id: null,
      reasoning: { effort: null, summary: null },
      service_tier: "default",
      store: true,
      temperature: 0.5,
      text: { format: { type: "text" } },
      tool_choice: "auto",
      tools: [],
      top_logprobs: 0,
      top_p: 1,
      presence_penalty: 0,
      frequency_penalty: 0,
      truncation: "auto",
      background: false,
      usage: {
        input_tokens: 2,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 2,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 4,
      },
      user: null,
      safety_identifier: null,
      prompt_cache_key: null,
      metadata: { a: "b" },
    });
  });

  test("that is cut is incomplete", async () => {
    expect(await object(await post({ input: "hello", max_output_tokens: 2 }))).toMatchObject({
      status: "incomplete",
      incomplete_details: { reason: "max_output_tokens" },
      completed_at: null,
      output: [{ status: "incomplete", content: [{ text: "he" }] }],
    });
  });

  test("as a stream, in OpenAI's order: a thought, a text, a call", async () => {
    const call = '<tool_call>{"name": "f", "arguments": {"a": 1}}</tool_call>';
    const tools = [{ type: "function", name: "f", parameters: { type: "object" } }];
    const stream = await events({ input: `<think>hm</think>ok${call}`, tools, include: ["reasoning.encrypted_content"] });
    expect(stream.map(({ sequence_number }) => sequence_number)).toEqual(stream.map((_, at) => at));
    const types = stream.map(({ type }) => type).filter((type, at, list) => type !== list[at - 1] || !type.endsWith("delta"));
    expect(types).toEqual([
      "response.created",
      "response.in_progress",
      "response.output_item.added",
      "response.reasoning_summary_part.added",
      "response.reasoning_summary_text.delta",
      "response.reasoning_summary_text.done",
      "response.reasoning_summary_part.done",
      "response.output_item.done",
      "response.output_item.added",
      "response.content_part.added",
      "response.output_text.delta",
      "response.output_text.done",
      "response.content_part.done",
      "response.output_item.done",
      "response.output_item.added",
      "response.function_call_arguments.delta",
      "response.function_call_arguments.done",
      "response.output_item.done",
      "response.completed",
    ]);
    const done = stream.filter(({ type }) => type === "response.output_item.done");
    expect(done.map(({ output_index }) => output_index)).toEqual([0, 1, 2]);
    const { response } = stream.at(-1);
    expect(done.map(({ item }) => item)).toEqual(response.output);
    expect(response.output).toMatchObject([
      { type: "reasoning", summary: [{ type: "summary_text", text: "hm" }], encrypted_content: "hm", status: "completed" },
      { type: "message", content: [{ text: "ok" }] },
      { type: "function_call", name: "f", arguments: '{"a":1}', call_id: expect.stringMatching(/^call_/), status: "completed" },
    ]);
    expect(response.usage.output_tokens_details.reasoning_tokens).toBeGreaterThan(0);
    expect(response.tools).toEqual(tools);
  });

  test("that fails in the middle", async () => {
    const stream = await events({ input: "die here" });
    expect(stream.at(-1)).toMatchObject({
      type: "response.failed",
      response: { status: "failed", error: { code: "server_error", message: expect.stringMatching(/^model runner/) } },
    });
    expect(stream.at(-2)).toMatchObject({ type: "response.output_item.done", item: { status: "incomplete" } });
    const whole = await post({ input: "die here" });
    expect([whole.status, (await object(whole)).error.type]).toEqual([500, "api_error"]);
  });

  test("to a client that leaves is ended", async () => {
    const response = await post({ input: "forever", stream: true });
    const reader = response.body?.getReader();
    for (let i = 0; i < 6; i++) await reader?.read();
    await reader?.cancel();
    expect(server.runtime.loaded().every(({ active }) => active === 0)).toBe(true);
  });
});

describe("input", () => {
  test("items of every kind", async () => {
    expect(
      await text({
        instructions: "S",
        input: [
          { role: "developer", content: "d" },
          { type: "message", role: "user", content: [{ type: "input_text", text: "q" }] },
          { type: "reasoning", summary: [{ type: "summary_text", text: "hm" }] },
          { type: "message", role: "assistant", content: [{ type: "output_text", text: "a" }] },
          { type: "function_call", call_id: "c", name: "f", arguments: "{}" },
          { type: "function_call_output", call_id: "c", output: "21" },
        ],
      }),
    ).toBe("system:S|system:d|user:q|assistant:a|tool:21|");
  });

  test("tools of OpenAI's servers are left out aloud; those of a namespace carry its name", async () => {
    const members = [{ type: "function", name: "f" }];
    expect(await text({ input: "q", tools: [{ type: "namespace", name: "n", tools: members }] })).toBe("n.f;user:q|");
    const answer = await post({
      input: "q",
      tools: [{ type: "web_search" }, { type: "web_search" }, { type: "é\n" }, { type: "custom", name: "x" }, ...members],
    });
    expect(answer.headers.get("puna-ignored-tools")).toBe("web_search, ??, custom");
    expect((await object(answer)).tools).toEqual(members);
  });

  test.each([
    [{}, /^input is empty/, "input"],
    [{ input: 7 }, /input/, "input"],
    [{ input: [{}] }, "input[0]: missing required 'type' field", "input[0]"],
    [{ input: [{ type: "dance" }] }, 'input[0]: unknown input item type: "dance"', "input[0]"],
    [{ input: [{ type: "message", content: "x" }] }, /needs a role/, "input[0].role"],
    [
      { input: [{ role: "user", content: [{ type: "input_file" }] }] },
      "file inputs are not currently supported",
      /content\[0\]$/,
    ],
    [{ input: [{ type: "function_call", arguments: "{}" }] }, /needs a name/, "input[0].name"],
    [{ input: [{ type: "function_call", name: "f", arguments: "x" }] }, "invalid tool call arguments", "input[0].arguments"],
    [{ input: [{ type: "function_call_output", output: "x" }] }, /needs its call_id/, "input[0].call_id"],
    [{ input: [{ type: "item_reference", id: "msg_x" }] }, /^Item with id 'msg_x' not found/, "input[0]"],
    [{ input: "x", previous_response_id: "resp_x" }, /^Previous response with id 'resp_x' not found/, "previous_response_id"],
    [{ input: "x", background: true }, /^background is not supported/, "background"],
    [{ input: "x", conversation: "c" }, /^conversation is not supported/, "conversation"],
    [{ input: "x", prompt: { id: "p" } }, /^prompt is not supported/, "prompt"],
    [{ input: "x", tools: [{ type: "function" }] }, /^tools\[0\] is no function/, "tools[0]"],
    [{ input: "x", tools: [{}] }, /^tools\[0\] has no type/, "tools[0]"],
    [{ input: "x", text: { format: { type: "json_schema", name: "n" } } }, /^text.format has no schema/, "text.format"],
    [{ input: "x", reasoning: { effort: "huge" } }, /^invalid reasoning value/, "reasoning.effort"],
    [{ input: "x".repeat(300), num_ctx: 64, truncation: "disabled" }, /context length/, null],
  ])("%j is refused", async (body, message, param) => {
    const response = await post(body);
    const { error } = await object(response);
    expect([response.status, error.type]).toEqual([400, "invalid_request_error"]);
    expect(error.message).toMatch(message);
    if (param instanceof RegExp) expect(error.param).toMatch(param);
    else expect(error.param).toBe(param);
  });
});

describe("what is kept", () => {
  const answer = async (body: object) => await object(await post({ model: "all", ...body }));
  const get = (path: string, method = "GET") => server.app.request(`/v1/responses/${path}`, { method });

  test("a conversation goes on from a response; instructions do not", async () => {
    const first = await answer({ input: "a", instructions: "S" });
    const second = await answer({ input: "b", previous_response_id: first.id });
    expect(second.previous_response_id).toBe(first.id);
    expect(second.output[0].content[0].text).toBe("user:a|assistant:system:S|user:a||user:b|");
    const third = await answer({
      input: [
        { type: "item_reference", id: second.output[0].id },
        { role: "user", content: "c" },
      ],
    });
    expect(third.output[0].content[0].text).toMatch(/^assistant:user:a\|.*user:c\|$/);
  });

  test("is read, listed and deleted", async () => {
    const first = await answer({
      input: [
        { role: "user", content: "a" },
        { role: "user", content: "b" },
      ],
    });
    expect(await object(await get(first.id))).toEqual(first);
    const page = await object(await get(`${first.id}/input_items?limit=1`));
    expect(page).toMatchObject({ object: "list", data: [{ content: "b" }], has_more: true, first_id: page.last_id });
    const rest = await object(await get(`${first.id}/input_items?after=${page.last_id}`));
    expect(rest).toMatchObject({ data: [{ content: "a" }], has_more: false });
    expect(await object(await get(first.id, "DELETE"))).toEqual({ id: first.id, object: "response", deleted: true });
    for (const [path, method] of [[first.id], [first.id, "DELETE"], [`${first.id}/input_items`]] as const) {
      const gone = await get(path, method);
      expect([gone.status, (await object(gone)).error.type]).toEqual([404, "not_found_error"]);
    }
    expect((await post({ input: "x", previous_response_id: first.id })).status).toBe(400);
  });

  test("nothing, when store is false", async () => {
    const first = await answer({ input: "a", store: false });
    expect((await get(first.id)).status).toBe(404);
  });
});
