/** Which template wins. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { configureLog } from "../log.ts";
import { chooseTemplate } from "./choose.ts";
import { goTemplate } from "./go.ts";
import { jinjaTemplate } from "./jinja.ts";
import type { Message } from "./types.ts";

const models = path.resolve(import.meta.dirname, "../../../shared/data/models");

const go = {
  plain: "{{ range .Messages }}{{ .Content }}{{ end }}",
  tools: "{{ .Tools }}{{ range .Messages }}{{ .Content }}{{ end }}",
  round: '{{ .Tools }}{{ range .Messages }}{{ if eq .Role "tool" }}{{ end }}{{ .Content }}{{ .ToolCalls }}{{ end }}',
};
const jinja = {
  plain: "{% for m in messages %}{{ m.content }}{% endfor %}",
  tools: "{{ tools }}{% for m in messages %}{{ m.content }}{% endfor %}",
  round: "{{ tools }}{% for m in messages %}{{ m.tool_calls }}<tool_response>{{ m.content }}{% endfor %}",
  thinking: "{% for m in messages %}<think></think>{{ m.content }}{% endfor %}",
};

describe("chooseTemplate", () => {
  it.each([
    ["plain", "plain", undefined, "go"],
    ["plain", "tools", undefined, "jinja"],
    ["plain", "thinking", undefined, "jinja"],
    ["tools", "plain", undefined, "go"],
    ["tools", "thinking", undefined, "go"],
    ["tools", "tools", undefined, "go"],
    ["tools", "round", undefined, "jinja"],
    ["round", "round", undefined, "go"],
    ["plain", "round", true, "go"],
    ["round", "plain", false, "jinja"],
  ] as const)("Go %s and Jinja %s with preferGo %s: %s", (a, b, preferGo, kind) => {
    expect(chooseTemplate({ go: go[a], jinja: jinja[b], preferGo }).kind).toBe(kind);
  });

  it("takes what there is", () => {
    configureLog({ write: () => {} });
    expect(chooseTemplate({ go: go.plain, jinja: undefined, preferGo: false }).kind).toBe("go");
    expect(chooseTemplate({ go: undefined, jinja: jinja.plain, preferGo: true }).kind).toBe("jinja");
    expect(chooseTemplate({ go: go.plain, jinja: "{% broken", preferGo: undefined }).kind).toBe("go");
    configureLog({ write: (line) => void process.stderr.write(line) });
  });

  it("passes prompts on as they are when there is none, and says so", () => {
    const lines: string[] = [];
    configureLog({ write: (line) => lines.push(line) });
    const template = chooseTemplate({ go: undefined, jinja: undefined, preferGo: undefined, model: "m" });
    expect(template.render({ messages: [{ role: "user", content: "Once upon a time" }] })).toBe("Once upon a time");
    expect(lines.join()).toContain("level=WARN");
    configureLog({ write: (line) => void process.stderr.write(line) });
  });
});

describe.skipIf(!existsSync(models))("one model, two templates (needs ../shared)", () => {
  it("write the same prompts", () => {
    const modelfile = readFileSync(path.join(models, "scripted-chat.Modelfile"), "utf8");
    const ours = goTemplate(/TEMPLATE """([\s\S]*?)"""/.exec(modelfile)?.[1] ?? "");
    const theirs = jinjaTemplate(readFileSync(path.join(models, "scripted-chat.f16.gguf.chat_template.jinja"), "utf8"));
    const toolCalls = [{ function: { name: "get_weather", arguments: {} } }];
    const messages: Message[] = [
      { role: "system", content: "Be brief." },
      { role: "user", content: "你好" },
      { role: "assistant", content: "", toolCalls },
      { role: "tool", content: "sunny", toolName: "get_weather" },
    ];
    for (const count of [1, 2, 3, 4]) {
      for (const think of [undefined, true, false] as const) {
        const input = { messages: messages.slice(0, count), addGenerationPrompt: true, ...(think !== undefined && { think }) };
        expect(theirs.render(input)).toBe(ours.render(input));
      }
    }
    expect([ours.toolTag, theirs.toolTag]).toEqual(["<tool_call>", "<tool_call>"]);
  });
});
