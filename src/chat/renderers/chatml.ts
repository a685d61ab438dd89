/** Families that write turns as ChatML: Qwen, Nemotron, Olmo, LFM2. The tags are theirs, the words around them ours. */
import type { Message, ToolCall } from "../types.ts";
import { plain, type Style, toolJson } from "./style.ts";

const turn = (role: string) => ({ open: `<|im_start|>${role}\n`, close: "<|im_end|>\n" });
const think = { open: "<think>\n", close: "\n</think>\n\n" };
const listed = (lines: string[]) => `<tools>\n${lines.join("\n")}\n</tools>`;
const responses = (results: Message[]) => ({
  role: "user",
  text: results.map(({ content }) => `<tool_response>\n${content}\n</tool_response>`).join("\n"),
});

const json: Style = {
  turn,
  tools: (tools) =>
    `# Tools\n\nThese functions can be called:\n${listed(tools.map(toolJson))}\n\nTo call one, write a JSON object with its name and arguments between tags:\n<tool_call>\n{"name": <function-name>, "arguments": <args-json-object>}\n</tool_call>`,
  calls: (calls) =>
    calls
      .map(({ function: { name, arguments: given } }) => JSON.stringify({ name, arguments: given }))
      .map((call) => `\n<tool_call>\n${call}\n</tool_call>`)
      .join(""),
  results: responses,
};

const xml: Style = {
  turn,
  tools: (tools) =>
    `# Tools\n\nThese functions can be called:\n\n${listed(tools.map(toolJson))}\n\nTo call one, end the answer with this form and nothing behind it:\n\n<tool_call>\n<function=function_name>\n<parameter=parameter_name>\nvalue\n</parameter>\n</function>\n</tool_call>`,
  calls: (calls) => calls.map((call) => `\n${xmlCall(call)}`).join(""),
  results: responses,
};

function xmlCall({ function: { name, arguments: given } }: ToolCall): string {
  const parameters = Object.entries(given).map(([key, value]) => `<parameter=${key}>\n${plain(value)}\n</parameter>\n`);
  return `<tool_call>\n<function=${name}>\n${parameters.join("")}</function>\n</tool_call>`;
}

function python({ function: { name, arguments: given } }: ToolCall): string {
  const words = (value: unknown) =>
    value === true ? "True" : value === false ? "False" : value === null ? "None" : JSON.stringify(value);
  return `${name}(${Object.entries(given)
    .map(([key, value]) => `${key}=${words(value)}`)
    .join(", ")})`;
}

const olmo: Style = {
  turn,
  tools: (tools) =>
    `You may call the functions below. Write calls inside <function_calls></function_calls> tags.\n<functions>[${tools.map(toolJson).join(", ")}]</functions>`,
  calls: (calls) => `<function_calls>${calls.map(python).join("\n")}</function_calls>`,
  results: (results) => ({ role: "environment", text: results.map(({ content }) => content).join("\n") }),
};

const lfm: Style = {
  start: "<|startoftext|>",
  turn,
  tools: (tools) => `List of tools: <|tool_list_start|>[${tools.map(toolJson).join(", ")}]<|tool_list_end|>`,
  calls: (calls) => `<|tool_call_start|>[${calls.map(python).join(", ")}]<|tool_call_end|>`,
  results: (results) => ({
    role: "tool",
    text: results.map(({ content }) => `<|tool_response_start|>${content}<|tool_response_end|>`).join("\n"),
  }),
};

const opened = (on: boolean) => (on ? "<think>\n" : "<think>\n\n</think>\n\n");

export const chatmlStyles: Record<string, Style> = {
  "qwen3-vl-instruct": json,
  "qwen3-vl-thinking": { ...json, thinking: think, begin: () => "<think>\n" },
  "qwen3-coder": xml,
  "qwen3.5": { ...xml, thinking: think, begin: opened },
  "qwen3.8": { ...xml, thinking: think, begin: opened },
  ornith: { ...xml, thinking: think, begin: opened },
  "nemotron-3-nano": { ...xml, thinking: think, begin: (on) => (on ? "<think>\n" : "<think></think>") },
  "nemotron-3.5-nano": { ...xml, thinking: think, begin: (on) => (on ? "<think>\n" : "<think></think>") },
  olmo3: olmo,
  "olmo3.1": olmo,
  "olmo3-think": { ...olmo, thinking: { open: "<think>", close: "</think>" }, begin: () => "<think>" },
  "olmo3-32b-think": { ...olmo, thinking: { open: "<think>", close: "</think>" }, begin: () => "<think>" },
  lfm2: lfm,
  "lfm2-thinking": { ...lfm, thinking: { open: "<think>", close: "</think>" } },
};
