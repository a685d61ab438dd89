/** Chat through Jinja templates: goldens of real models, and the rules around them. */
import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, it } from "vitest";
import { Failed, Invalid } from "../errors.ts";
import { jinjaTemplate } from "./jinja.ts";
import { jinjaProgram } from "./jinja-program.ts";
import type { Message } from "./types.ts";

const shared = path.resolve(import.meta.dirname, "../../../shared/data");
const goldens = path.join(shared, "templates/goldens-hf-jinja-e2e.json");
const now = new Date("2025-07-10T12:00:00Z");

interface Golden {
  name: string;
  group: string;
  chat_template: string;
  data: Record<string, unknown> & { messages: { role: string; content: unknown }[] };
  expected: string;
}

describe.skipIf(!existsSync(goldens))("goldens of real models (needs ../shared)", () => {
  const cases: Golden[] = existsSync(goldens) ? JSON.parse(readFileSync(goldens, "utf8")) : [];
  it.each(cases.map((golden) => [`${golden.group} ${golden.name}`, golden] as const))("%s", (_, golden) => {
    expect(jinjaProgram(golden.chat_template).render(golden.data, now)).toBe(golden.expected);
  });

  const known = new Set(["messages", "add_generation_prompt", "bos_token", "eos_token"]);
  const plain = cases.filter(
    ({ data }) =>
      Object.keys(data).every((key) => known.has(key)) &&
      data.messages.every(
        (message) =>
          Object.keys(message).every((key) => key === "role" || key === "content") && typeof message.content === "string",
      ) &&
      (data.add_generation_prompt === true ||
        (data.add_generation_prompt === false && data.messages.at(-1)?.role !== "assistant")),
  );
  it.each(plain.map((golden) => [golden.name, golden] as const))(
    "%s through the internal messages",
    (_, { chat_template, data, expected }) => {
      const options = { bosText: String(data.bos_token ?? ""), eosText: String(data.eos_token ?? "") };
      const messages = data.messages.map(({ role, content }) => ({ role, content: String(content) }));
      const template = jinjaTemplate(chat_template, options);
      expect(template.render({ messages, addGenerationPrompt: data.add_generation_prompt === true, now })).toBe(expected);
    },
  );
});

const chatml =
  "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";
const user: Message = { role: "user", content: "hi" };

describe("what a template is given", () => {
  it("leaves an unfinished answer open", () => {
    const messages = [user, { role: "assistant", content: "Once upon" }];
    expect(jinjaTemplate(chatml).render({ messages })).toBe("<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nOnce upon");
    expect(jinjaTemplate(chatml).render({ messages, addGenerationPrompt: true })).toMatch(
      /Once upon<\|im_end\|>\n<\|im_start\|>assistant\n$/,
    );
  });

  it("passes thinking, dates, special tokens, system and prompt", () => {
    const template = jinjaTemplate(
      "{{ bos_token }}{{ messages | length }}{{ enable_thinking is defined }}{{ enable_thinking }}{{ reasoning_effort }}{{ strftime_now('%Y %B %a') }}{{ date_string }}{{ eos_token }}",
      {
        bosText: "<s>",
        eosText: "</s>",
      },
    );
    expect(template.render({ messages: [], system: "s", prompt: "p", now })).toBe("<s>2false2025 July Thu10 Jul 2025</s>");
    expect(template.render({ messages: [], think: false, now })).toContain("0truefalse2025");
    expect(template.render({ messages: [], think: "max", now })).toContain("0truetruehigh2025");
  });

  const call = { function: { name: "f", arguments: { city: "Paris", n: 1 } } };
  it("writes a call's arguments as the template can use them", () => {
    const messages = [user, { role: "assistant", content: "", toolCalls: [call] }];
    const loop = (body: string) => `{% for m in messages %}{% for c in m.tool_calls or [] %}${body}{% endfor %}{% endfor %}`;
    expect(jinjaTemplate(loop("{{ c.function.arguments | tojson }}")).render({ messages })).toBe('{"city": "Paris", "n": 1}');
    expect(jinjaTemplate(loop("{{ 'x' + c.function.arguments }}")).render({ messages })).toBe('x{"city":"Paris","n":1}');
  });

  it("gives calls without content where the template asks for none", () => {
    const source =
      "{% for m in messages %}{% if m.content is none %}{% for c in m.tool_calls %}{{ '```json' + c.function.arguments + '```' }}{% endfor %}{% else %}{{ m.content }}{% endif %}{% endfor %}";
    expect(jinjaTemplate(source).render({ messages: [user, { role: "assistant", content: "", toolCalls: [call] }] })).toBe(
      'hi```json{"city":"Paris","n":1}```',
    );
  });

  it("selects and rejects, which the library cannot", () => {
    const render = (expression: string) => jinjaTemplate(`{{ ${expression} | join(',') }}`).render({ messages: [] });
    expect(render("[1, 0, 2] | select")).toBe("1,2");
    expect(render("['a', 'b', 'c'] | reject('in', ['b'])")).toBe("a,c");
    expect(render("[1, 2, 3] | reject('odd')")).toBe("2");
    expect(render("{'a': 1, 'b': 2}.keys() | select('ne', 'a')")).toBe("b");
    expect(() => render("[1] | select('nope')")).toThrow("Unknown test: nope");
  });

  it("gives a template that goes through parts of the content one text part", () => {
    const source = "{% for m in messages %}{% for part in m.content %}({{ part.type }}:{{ part.text }}){% endfor %}{% endfor %}";
    expect(jinjaTemplate(source).render({ messages: [user] })).toBe("(text:hi)");
    expect(jinjaTemplate("{{ messages[0].content[0]['text'] + '!' }}").render({ messages: [user] })).toBe("hi!");
  });

  it("gives a template without a system role the system text in the first question", () => {
    const source =
      "{% if messages[0].role == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}{% for m in messages %}[{{ m.content }}]{% endfor %}";
    expect(jinjaTemplate(source).render({ messages: [{ role: "system", content: "Be kind." }, user] })).toBe("[Be kind.\n\nhi]");
  });
});

describe("faults", () => {
  it("answers 400 with what a template raises, 500 with what breaks it", () => {
    const raising = jinjaTemplate("{{ raise_exception('roles must alternate') }}");
    expect(() => raising.render({ messages: [user] })).toThrow(Invalid);
    expect(() => raising.render({ messages: [user] })).toThrow("roles must alternate");
    expect(() => jinjaTemplate("{% for x in %}")).toThrow(Failed);
    expect(() => jinjaTemplate("{{ messages[0].content | nope }}").render({ messages: [user] })).toThrow(
      /chat template error: .*nope/,
    );
  });

  it("ends templates that would not end", () => {
    const render = (source: string) => () => jinjaProgram(source, { maxSteps: 10_000 }).render({}, now);
    expect(render("{% for i in range(100000000) %}x{% endfor %}")).toThrow("too long a list");
    expect(render("{% for i in range(9000) %}{% for j in range(9000) %}{% endfor %}{% endfor %}")).toThrow("too many steps");
    expect(render("{% for i in range(100) %}{% for j in range(100) %}{{ i }}{{ j }}{% endfor %}{% endfor %}")).toThrow(
      "too many steps",
    );
    expect(
      render("{% set ns = namespace(x='0123456789') %}{% for i in range(60) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}"),
    ).toThrow(/too much text|string length/);
    expect(render("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}")).toThrow(Failed);
  });
});
