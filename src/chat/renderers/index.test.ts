/** Models that name a renderer: their prompts, and that what they show of a call is what their parser reads. */
import { describe, expect, it } from "vitest";
import { configureLog } from "../../log.ts";
import { chooseTemplate } from "../choose.ts";
import { outputParserFor } from "../formats/index.ts";
import type { Message, RenderInput, Tool } from "../types.ts";
import { rendererNames, rendererTemplate } from "./index.ts";

configureLog({ write: () => {} });

const tools: Tool[] = [
  {
    type: "function",
    function: {
      name: "get_weather",
      description: "Weather",
      parameters: { type: "object", properties: { city: { type: "string" }, days: { type: "integer" } } },
    },
  },
];
const call = { function: { name: "get_weather", arguments: { city: "Paris", days: 2 } } };
const messages: Message[] = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Paris?" },
  { role: "assistant", content: "I look.", thinking: "Hm.", toolCalls: [call] },
  { role: "tool", content: "21 C" },
];
const render = (name: string, input: Partial<RenderInput> = {}) => rendererTemplate(name).render({ messages, ...input });

describe.each(rendererNames.map((name) => [name]))("%s", (name) => {
  it("shows a call as its parser reads it", () => {
    const template = rendererTemplate(name);
    const before = render(name, { messages: messages.slice(0, 2), tools, addGenerationPrompt: false });
    const after = render(name, {
      messages: messages
        .slice(0, 3)
        .map((message) => ({ ...message, content: message.role === "assistant" ? "" : message.content, thinking: "" })),
      tools,
      addGenerationPrompt: false,
    });
    expect(after.startsWith(before)).toBe(true);
    const parser = outputParserFor(template, { tools });
    const said = after.slice(before.length);
    const calls = [...parser.push(said), ...parser.end()].flatMap((piece) =>
      piece.type === "tool" ? [piece.call.function] : [],
    );
    expect(calls).toEqual([{ index: 0, name: "get_weather", arguments: { city: "Paris", days: 2 } }]);
  });

  it("tells of the tools, the system text, thoughts since the question, and results", () => {
    const text = render(name, { tools });
    for (const part of ["get_weather", "Weather", "Be brief.", "Paris?", "I look.", "21 C"]) expect(text).toContain(part);
    const { thinking } = rendererTemplate(name);
    expect(text.includes("Hm.")).toBe(thinking !== undefined);
    expect(render(name, { messages: [...messages, { role: "user", content: "And now?" }] })).not.toContain("Hm.");
  });

  it("goes on with an answer that was begun", () => {
    expect(
      render(name, {
        messages: [
          { role: "user", content: "?" },
          { role: "assistant", content: "Once upon" },
        ],
      }),
    ).toMatch(/Once upon$/);
  });

  it("begins to think when it may", () => {
    const { thinking } = rendererTemplate(name);
    const [on, off] = [render(name, { think: true }), render(name, { think: false })];
    if (thinking && on !== off) expect(on.trimEnd().endsWith(thinking.open) || off.trimEnd().endsWith(thinking.close)).toBe(true);
  });
});

it("writes whole conversations", () => {
  expect(render("qwen3-coder", { messages: messages.slice(0, 2) })).toBe(
    "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nParis?<|im_end|>\n<|im_start|>assistant\n",
  );
  expect(render("deepseek3.1", { think: true })).toBe(
    '<｜begin▁of▁sentence｜>Be brief.<｜User｜>Paris?<｜Assistant｜><think>Hm.</think>I look.<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>get_weather<｜tool▁sep｜>{"city":"Paris","days":2}<｜tool▁call▁end｜><｜tool▁calls▁end｜><｜end▁of▁sentence｜><｜tool▁output▁begin｜>21 C<｜tool▁output▁end｜><｜Assistant｜><think>',
  );
  expect(render("glm-4.7", { messages: messages.slice(1, 2), think: false })).toBe(
    "[gMASK]<sop><|user|>\nParis?<|assistant|></think>",
  );
});

describe("chooseTemplate", () => {
  const jinja = "{% for m in messages %}{{ m.content }}{% endfor %}";
  const go = "{{ .Prompt }}";
  it("takes the vendor's own text where there is one, else the renderer", () => {
    expect(chooseTemplate({ go, jinja, preferGo: undefined, renderer: "lfm2" }).kind).toBe("jinja");
    expect(chooseTemplate({ go, jinja: undefined, preferGo: undefined, renderer: "lfm2" }).kind).toBe("renderer");
    expect(chooseTemplate({ go, jinja: "{% broken", preferGo: undefined, renderer: "lfm2" }).kind).toBe("renderer");
    expect(() => chooseTemplate({ go, jinja: undefined, preferGo: undefined, renderer: "odd" })).toThrow(
      'unknown renderer "odd"',
    );
  });

  it("takes the template that knows tools for requests with tools", () => {
    const withTools = "{{ tools }}{% for m in messages %}<tool_call>{{ m.content }}{% endfor %}";
    expect(chooseTemplate({ go, jinja: withTools, preferGo: true }).withTools?.kind).toBe("jinja");
    expect(chooseTemplate({ go: "{{ .Tools }}{{ .Prompt }}", jinja, preferGo: false }).withTools?.kind).toBe("go");
    expect(chooseTemplate({ go: undefined, jinja, jinjaTools: withTools, preferGo: undefined }).withTools?.source).toBe(
      withTools,
    );
    expect(chooseTemplate({ go, jinja, jinjaTools: "{% broken", preferGo: undefined }).withTools).toBeUndefined();
  });
});
