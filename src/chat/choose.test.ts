/** Which template wins. */
import { describe, expect, it } from "vitest";
import { configureLog } from "../log.ts";
import { chooseTemplate } from "./choose.ts";

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
    expect(chooseTemplate({ go: go.plain, jinja: undefined, preferGo: false }).kind).toBe("go");
    expect(chooseTemplate({ go: undefined, jinja: jinja.plain, preferGo: true }).kind).toBe("jinja");
    expect(chooseTemplate({ go: go.plain, jinja: "{% broken", preferGo: undefined }).kind).toBe("go");
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
