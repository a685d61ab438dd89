/** From a request to a prompt and back: the parts together. */
import { describe, expect, it } from "vitest";
import { goTemplate } from "./go.ts";
import { jinjaTemplate } from "./jinja.ts";
import { forgetsThinking, prepareChat, prepareInsert, prepareText } from "./prompt.ts";
import type { Message } from "./types.ts";

const tokenizer = {
  bosText: "<s>",
  addBos: true,
  tokenize: async (text: string) => [1, ...Array.from(text, (char) => char.charCodeAt(0))],
};
const overflow = { onOverflow: "truncate", truncate: true, shift: true, keep: 4 } as const;
const common = { tokenizer, overflow, contextLength: 1000 };
const user: Message = { role: "user", content: "hi" };

describe("prepareChat", () => {
  it("leaves the first token to the tokenizer", async () => {
    const template = jinjaTemplate("{{ bos_token }}{% for m in messages %}{{ m.content }}{% endfor %}", { bosText: "<s>" });
    expect((await prepareChat({ ...common, template, messages: [user] })).prompt).toBe("hi");
    const silent = { ...tokenizer, addBos: false };
    expect((await prepareChat({ ...common, tokenizer: silent, template, messages: [user] })).prompt).toBe("<s>hi");
  });

  it("knows when the prompt has opened the thinking", async () => {
    const source =
      "{% for m in messages %}{{ m.content }}{% endfor %}A:{% if enable_thinking %}<think>\n{% else %}<think></think>{% endif %}";
    const template = jinjaTemplate(source);
    const on = await prepareChat({ ...common, template, messages: [user], think: true });
    expect(on).toMatchObject({ endsInThinking: true, preserve: ["<think>", "</think>"] });
    expect(on.parser().push("so</think>yes")).toEqual([
      { type: "thinking", text: "so" },
      { type: "content", text: "yes" },
    ]);
    const off = await prepareChat({ ...common, template, messages: [user], think: false });
    expect(off).toMatchObject({ endsInThinking: false, preserve: [] });
    expect(off.parser().push("yes")).toEqual([{ type: "content", text: "yes" }]);
  });

  it("forgets old thoughts where a model wants that", async () => {
    expect(forgetsThinking({ family: "qwen3", name: "x" })).toBe(true);
    expect(forgetsThinking({ family: "llama", name: "x" })).toBe(false);
    const template = goTemplate("{{ range .Messages }}{{ .Content }}|{{ end }}");
    const messages: Message[] = [
      user,
      { role: "assistant", content: "<think>hm</think>\n\nyes" },
      user,
      { role: "assistant", content: "<think>go" },
    ];
    expect((await prepareChat({ ...common, template, messages, forgetThinking: true })).prompt).toBe("hi|yes|hi|<think>go|");
  });

  it("reports what did not fit", async () => {
    const template = goTemplate("{{ range .Messages }}{{ .Content }}{{ end }}");
    const messages = ["a", "b", "c"].map(
      (letter, index): Message => ({ role: index % 2 ? "assistant" : "user", content: letter.repeat(40) }),
    );
    expect(await prepareChat({ ...common, template, messages, contextLength: 100 })).toMatchObject({
      droppedMessages: 1,
      truncatedTokens: 0,
      originalTokens: 121,
    });
  });
});

describe("other prompts", () => {
  it("fills in the middle and passes text on", async () => {
    const template = goTemplate("<s>{{ if .Suffix }}<P>{{ .Prompt }}<S>{{ .Suffix }}<M>{{ end }}");
    expect((await prepareInsert({ ...common, template, prompt: "a", suffix: "b" })).prompt).toBe("<P>a<S>b<M>");
    const text = await prepareText({ ...common, prompt: "<s>verbatim" });
    expect(text.prompt).toBe("<s>verbatim");
    expect(text.parser().push("<think>")).toEqual([{ type: "content", text: "<think>" }]);
    const long = await prepareText({ ...common, prompt: "x".repeat(200), contextLength: 100 });
    expect(long).toMatchObject({ originalTokens: 201, truncatedTokens: 201 - 53 });
  });
});
