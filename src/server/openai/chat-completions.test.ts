import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { object, type TestServer, testServer } from "../../../test/fixtures/server.ts";
import { configureLog } from "../../log.ts";

configureLog({ write: () => {} });

const jinja =
  "{% if tools %}{{ tools[0].function.name }};{% endif %}{% for m in messages %}{{ m.role }}:{{ m.content }}|{% if m.tool_calls %}{{ m.tool_calls[0] | tojson }}{% endif %}{% endfor %}";
let server: TestServer;
beforeAll(async () => {
  server = await testServer();
  await server.make("m");
  await server.make("template", { jinja });
  await server.make("brief", { jinja, system: "Be brief." });
  await server.make("vectors", { pooling: 1 });
});
afterAll(() => server.close());

const user = (content: unknown) => [{ role: "user", content }];
const post = (body: object, init?: RequestInit) => server.post("/v1/chat/completions", { model: "m", ...body }, init);
/** The events of a stream, the last word included. */
async function events(response: Response) {
  const blocks = (await response.text()).trimEnd().split("\n\n");
  return blocks.map((block) => (block === "data: [DONE]" ? "[DONE]" : JSON.parse(block.replace(/^data: /, ""))));
}
async function rendered(body: object) {
  const response = await post({ model: "template", _debug_render_only: true, ...body });
  const answer = await object(response);
  return answer._debug_info?.rendered_template ?? answer;
}

describe("an answer", () => {
  test("in one piece", async () => {
    const response = await post({ messages: user("hi") });
    expect(response.headers.get("content-type")).toBe("application/json; charset=utf-8");
    expect(await object(response)).toEqual({
      id: expect.stringMatching(/^chatcmpl-[0-9a-f]{48}$/),
      object: "chat.completion",
      created: expect.any(Number),
      model: "m",
      system_fingerprint: "fp_ollama",
      choices: [
        { index: 0, message: { role: "assistant", content: "hi", refusal: null }, logprobs: null, finish_reason: "stop" },
      ],
      usage: {
        prompt_tokens: 2,
        completion_tokens: 2,
        total_tokens: 4,
        prompt_tokens_details: { cached_tokens: 0 },
        completion_tokens_details: { reasoning_tokens: 0 },
      },
    });
  });

  test("as a stream: one id, the role once, the finish, the usage, the last word", async () => {
    const all = await events(await post({ messages: user("héy"), stream: true, stream_options: { include_usage: true } }));
    expect(all.pop()).toBe("[DONE]");
    expect(new Set(all.map(({ id, object: kind, created }) => `${id} ${kind} ${created}`)).size).toBe(1);
    expect(all.map(({ choices, usage }) => usage?.total_tokens ?? choices[0].delta)).toEqual([
      { role: "assistant", content: "h" },
      { content: "é" },
      { content: "y" },
      {},
      6,
    ]);
    expect(all.at(-2).choices[0].finish_reason).toBe("stop");
    expect(all.at(-1).choices).toEqual([]);
  });

  test("without a word is a stream of a role and a finish", async () => {
    const all = await events(await post({ messages: user("hi"), stream: true, max_completion_tokens: 0 }));
    expect(all.map((chunk) => chunk.choices?.[0] ?? chunk)).toMatchObject([
      { delta: { role: "assistant", content: "" }, finish_reason: "length" },
      "[DONE]",
    ]);
  });

  test("n choices, in one piece and as a stream; the prompt is counted once", async () => {
    const whole = await object(await post({ messages: user("abc"), n: 3 }));
    expect(whole.choices.map(({ index, message }: { index: number; message: object }) => [index, message])).toMatchObject([
      [0, { content: "abc" }],
      [1, { content: "abc" }],
      [2, { content: "abc" }],
    ]);
    expect(whole.usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 9 });
    const all = await events(await post({ messages: user("abc"), n: 3, stream: true }));
    const texts = ["", "", ""];
    for (const chunk of all.slice(0, -1)) texts[chunk.choices[0].index] += chunk.choices[0].delta.content ?? "";
    expect(texts).toEqual(["abc", "abc", "abc"]);
  });

  test("max_tokens ends it, and its newer name is stronger", async () => {
    const finish = async (body: object) => (await object(await post({ messages: user("abcdef"), ...body }))).choices[0];
    expect(await finish({ max_tokens: 2 })).toMatchObject({ message: { content: "ab" }, finish_reason: "length" });
    expect(await finish({ max_tokens: 2, max_completion_tokens: 4 })).toMatchObject({ message: { content: "abcd" } });
    expect(await finish({ max_tokens: 2, options: { num_predict: 3 } })).toMatchObject({ message: { content: "abc" } });
  });
});

describe("messages", () => {
  test("parts are lines, developer is system, null beside calls is nothing", async () => {
    const calls = [{ id: "c1", type: "function", function: { name: "f", arguments: '{"a":1}' } }];
    expect(
      await rendered({
        messages: [
          {
            role: "developer",
            content: [
              { type: "text", text: "a" },
              { type: "text", text: "b" },
            ],
          },
          { role: "user", content: "hi" },
          { role: "assistant", content: null, tool_calls: calls },
          { role: "tool", tool_call_id: "c1", content: [{ type: "text", text: "21" }] },
        ],
      }),
    ).toMatch(/^system:a\nb\|user:hi\|assistant:\|.*"f".*tool:21\|$/s);
  });

  test("the model's own system text goes first, unless the client brings one", async () => {
    const first = async (role: string) =>
      (await object(await post({ model: "brief", messages: [{ role, content: "hi" }], _debug_render_only: true })))._debug_info;
    expect((await first("user")).rendered_template).toContain("Be brief.");
    expect((await first("developer")).rendered_template).not.toContain("Be brief.");
  });

  test.each([
    [{ messages: [] }, "[] is too short - 'messages'", "messages"],
    [{}, "[] is too short - 'messages'", "messages"],
    [{ messages: user(null) }, "invalid message content type: <nil>", "messages[0].content"],
    [{ messages: user(7) }, "invalid message content type: float64", "messages[0].content"],
    [
      { messages: user([{ type: "dance" }]) },
      'invalid message format: a part of type "dance" is not known',
      "messages[0].content[0]",
    ],
    [
      { messages: user([{ type: "image_url", image_url: { url: "https://a/b.png" } }]) },
      "image URLs are not currently supported, please use base64 encoded data instead",
      "messages[0].content[0]",
    ],
    [
      { messages: user([{ type: "input_audio", input_audio: { data: "", format: "wav" } }]) },
      "audio cannot be read by this version of Puna yet: send the request without it",
      "messages[0].content[0]",
    ],
    [
      { messages: [{ role: "assistant", tool_calls: [{ function: { name: "f", arguments: "{" } }] }] },
      "invalid tool call arguments",
      "messages[0].tool_calls[0]",
    ],
    [{ messages: "hi" }, /messages of type array/, "messages"],
    [{ messages: [{ content: "x" }] }, /role/, "messages[0].role"],
    [{ messages: user("x"), n: 0 }, /n/, "n"],
    [{ messages: user("x"), top_logprobs: 21 }, "top_logprobs must be between 0 and 20", null],
    [{ messages: user("x"), reasoning_effort: "huge" }, /^invalid reasoning value: "huge"/, "reasoning_effort"],
    [{ messages: user("x"), reasoning_effort: "high" }, '"m" does not support thinking', null],
    [{ messages: user("x"), response_format: { type: "xml" } }, /response_format.type is "xml"/, "response_format.type"],
    [{ messages: user("x"), response_format: { type: "json_schema" } }, /has no schema/, "response_format"],
    [{ messages: user("x"), tools: [{ type: "web_search" }] }, /tools\[0\] is of type "web_search"/, "tools[0]"],
    [{ messages: user("x"), tools: [{ function: { name: "f" } }] }, /does not support tools$/, null],
    [{ messages: user("x"), tool_choice: "some" }, /tool_choice is "some"/, "tool_choice"],
    [{ messages: user("x"), functions: [] }, /^functions is the old name of tools/, "functions"],
    [{ messages: user("x"), options: { top_k: "many" } }, 'option "top_k" must be of type integer', "options"],
    [{ messages: user("x"), logit_bias: { x: 1 } }, /logit_bias/, null],
    [{ messages: user("x"), model: "" }, "model is required", "model"],
    [{ messages: user("x"), model: "vectors" }, '"vectors" does not support chat', null],
  ])("%j is refused", async (body, message, param) => {
    const response = await post(body);
    expect(response.status).toBe(400);
    const { error } = await object(response);
    expect(error).toMatchObject({ type: "invalid_request_error", param });
    if (typeof message === "string") expect(error.message).toBe(message);
    else expect(error.message).toMatch(message);
  });

  test("pictures are refused in a clear sentence", async () => {
    const image = { type: "image_url", image_url: { url: `data:image/png;base64,${Buffer.from("x").toString("base64")}` } };
    expect((await object(await post({ messages: user([image]) }))).error.message).toMatch(/^images cannot be read/);
  });
});

describe("options", () => {
  test("a model that is not here", async () => {
    const response = await post({ model: "nope", messages: user("x") });
    expect(response.status).toBe(404);
    expect(await object(response)).toEqual({
      error: { message: "model 'nope' not found", type: "not_found_error", param: "model", code: "model_not_found" },
    });
  });

  test("a context too small for the prompt is OpenAI's error when asked for", async () => {
    const response = await post({ messages: user("x".repeat(300)), num_ctx: 64, truncate: false });
    expect(response.status).toBe(400);
    expect((await object(response)).error).toMatchObject({ type: "invalid_request_error", code: "context_length_exceeded" });
  });

  test("a prompt that was cut says so", async () => {
    const response = await post({ messages: user("x".repeat(300)), num_ctx: 64, max_tokens: 1 });
    expect(response.headers.get("puna-prompt-truncated")).toMatch(/^tokens=300; kept=/);
    expect(await object(response)).toMatchObject({ prompt_truncated: true, prompt_tokens_original: 300 });
    const all = await events(await post({ messages: user("x".repeat(300)), num_ctx: 64, max_tokens: 1, stream: true }));
    expect(all.at(-2)).toMatchObject({ prompt_truncated: true });
  });
});

describe("failure in the middle", () => {
  test("is an error in place of the answer", async () => {
    const response = await post({ messages: user("die here") });
    expect(response.status).toBe(500);
    expect((await object(response)).error).toMatchObject({ type: "api_error", message: expect.stringMatching(/^model runner/) });
  });

  test("is the last event of a stream", async () => {
    const response = await post({ messages: user("die here"), stream: true });
    expect(response.status).toBe(200);
    const text = await response.text();
    expect(text).toContain('"content":"d"');
    expect(JSON.parse(text.trimEnd().split("\n\n").at(-1)?.slice("data: ".length) ?? "")).toMatchObject({
      error: { type: "api_error", message: expect.stringMatching(/^model runner has unexpectedly stopped/) },
    });
  });

  test("of one choice ends the others", async () => {
    const response = await post({ messages: user("die here"), n: 3 });
    expect(response.status).toBe(500);
    expect(server.runtime.loaded().every(({ active }) => active === 0)).toBe(true);
  });
});

test("a client that leaves ends all choices", async () => {
  const response = await post({ messages: user("forever"), n: 2, stream: true });
  const reader = response.body?.getReader();
  await reader?.read();
  await reader?.cancel();
  expect(server.runtime.loaded().every(({ active }) => active === 0)).toBe(true);
});
