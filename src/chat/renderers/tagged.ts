/** Families with turn tags of their own: DeepSeek, Cogito, GLM, Cohere, FunctionGemma, Gemma 4. The words are ours. */
import type { Message, Tool, ToolCall } from "../types.ts";
import { plain, type Style, toolJson } from "./style.ts";

const think = { open: "<think>", close: "</think>" };
const json = ({ function: { arguments: given } }: ToolCall) => JSON.stringify(given);
const joined = (results: Message[], write: (message: Message) => string) => results.map(write).join("");

const turnEnd = "<｜end▁of▁sentence｜>";
const deepseekCalls = (calls: ToolCall[], write: (call: ToolCall) => string) =>
  `<｜tool▁calls▁begin｜>${calls.map((call) => `<｜tool▁call▁begin｜>${write(call)}<｜tool▁call▁end｜>`).join("")}<｜tool▁calls▁end｜>`;
const output = ({ content }: Message) => `<｜tool▁output▁begin｜>${content}<｜tool▁output▁end｜>`;

function deepseekTurn(role: string) {
  if (role === "user") return { open: "<｜User｜>", close: "" };
  return role === "assistant" ? { open: "<｜Assistant｜>", close: turnEnd } : { open: "", close: "" };
}

const deepseek: Style = {
  start: "<｜begin▁of▁sentence｜>",
  turn: deepseekTurn,
  thinking: think,
  begin: (on) => (on ? "<think>" : "</think>"),
  tools: (tools) =>
    `## Tools\n\nThese tools can be called:\n\n${tools.map(toolJson).join("\n")}\n\nA call has this form:\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>name<｜tool▁sep｜>{"argument": "value"}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
  calls: (calls) => deepseekCalls(calls, (call) => `${call.function.name}<｜tool▁sep｜>${json(call)}`),
  results: (results) => ({ role: "tool", text: joined(results, output) }),
};

const fenced = (call: ToolCall) => `function<｜tool▁sep｜>${call.function.name}\n\`\`\`json\n${json(call)}\n\`\`\``;

const cogito: Style = {
  ...deepseek,
  begin: (on) => (on ? "<think>\n" : ""),
  tools: (tools) =>
    `These tools can be called:\n${tools.map(toolJson).join("\n")}\n\nA call has this form:\n<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>name\n\`\`\`json\n{"argument": "value"}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
  calls: (calls) => deepseekCalls(calls, fenced),
  results: (results) => ({ role: "tool", text: `<｜tool▁outputs▁begin｜>${joined(results, output)}<｜tool▁outputs▁end｜>` }),
};

const glm: Style = {
  start: "[gMASK]<sop>",
  turn: (role) => ({ open: role === "assistant" || role === "observation" ? `<|${role}|>` : `<|${role}|>\n`, close: "" }),
  thinking: think,
  begin: (on) => (on ? "<think>" : "</think>"),
  tools: (tools) =>
    `# Tools\n\nThese functions can be called:\n<tools>\n${tools.map(toolJson).join("\n")}\n</tools>\n\nA call has this form:\n<tool_call>name<arg_key>key</arg_key><arg_value>value</arg_value></tool_call>`,
  calls: (calls) =>
    calls
      .map(({ function: { name, arguments: given } }) => {
        const pairs = Object.entries(given).map(
          ([key, value]) => `<arg_key>${key}</arg_key><arg_value>${plain(value)}</arg_value>`,
        );
        return `<tool_call>${name}${pairs.join("")}</tool_call>`;
      })
      .join(""),
  results: (results) => ({
    role: "observation",
    text: joined(results, ({ content }) => `<tool_response>${content}</tool_response>`),
  }),
};

const COHERE_ROLES: Record<string, string> = { user: "USER", assistant: "CHATBOT" };

const cohere: Style = {
  turn: (role) => ({
    open: `<|START_OF_TURN_TOKEN|><|${COHERE_ROLES[role] ?? "SYSTEM"}_TOKEN|>`,
    close: "<|END_OF_TURN_TOKEN|>",
  }),
  thinking: { open: "<|START_THINKING|>", close: "<|END_THINKING|>" },
  begin: (on) => (on ? "<|START_THINKING|>" : "<|START_THINKING|><|END_THINKING|>"),
  tools: (tools) =>
    `## Available Tools\n\n\`\`\`json\n[\n${tools.map(toolJson).join(",\n")}\n]\n\`\`\`\n\nTo call them, write a list of JSON objects with "tool_call_id", "tool_name" and "parameters" between <|START_ACTION|> and <|END_ACTION|>.`,
  calls(calls) {
    const written = calls.map(({ function: { name, arguments: given } }, index) =>
      JSON.stringify({ tool_call_id: String(index), tool_name: name, parameters: given }),
    );
    return `<|START_ACTION|>[\n    ${written.join(",\n    ")}\n]<|END_ACTION|>`;
  },
  results(results) {
    const written = results.map(({ content }, index) =>
      JSON.stringify({ tool_call_id: String(index), results: { 0: content }, is_error: null }),
    );
    return { role: "tool", text: `<|START_TOOL_RESULT|>[\n    ${written.join(",\n    ")}\n]<|END_TOOL_RESULT|>` };
  },
};

/** `{key:value}` with texts in the family's quotes. */
function gemmaValue(value: unknown, quote: string): string {
  if (typeof value === "string") return quote + value + quote;
  if (Array.isArray(value)) return `[${value.map((item) => gemmaValue(item, quote)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const pairs = Object.entries(value).map(([key, item]) => `${key}:${gemmaValue(item, quote)}`);
  return `{${pairs.join(",")}}`;
}

function gemma(tags: {
  turn: [string, string];
  declare: [string, string];
  call: [string, string];
  response: [string, string];
  quote: string;
}): Style {
  const role = (name: string) => (name === "assistant" ? "model" : name);
  const { quote } = tags;
  const declaration = ({ function: { name, description = "", parameters = {} } }: Tool) =>
    `${tags.declare[0]}declaration:${name}${gemmaValue({ description, parameters }, quote)}${tags.declare[1]}`;
  return {
    start: "<bos>",
    turn: (name) => ({ open: `${tags.turn[0]}${role(name)}\n`, close: `${tags.turn[1]}\n` }),
    tools: (tools) => tools.map(declaration).join(""),
    calls: (calls) =>
      calls
        .map(
          ({ function: { name, arguments: given } }) => `${tags.call[0]}call:${name}${gemmaValue(given, quote)}${tags.call[1]}`,
        )
        .join(""),
    results: (results) => ({
      role: "tool",
      text: joined(
        results,
        ({ content, toolName }) =>
          `${tags.response[0]}response:${toolName ?? "tool"}${gemmaValue({ value: content }, quote)}${tags.response[1]}`,
      ),
    }),
  };
}

const functionGemma = gemma({
  turn: ["<start_of_turn>", "<end_of_turn>"],
  declare: ["<start_function_declaration>", "<end_function_declaration>"],
  call: ["<start_function_call>", "<end_function_call>"],
  response: ["<start_function_response>", "<end_function_response>"],
  quote: "<escape>",
});

const gemma4: Style = {
  ...gemma({
    turn: ["<|turn>", "<turn|>"],
    declare: ["<|tool>", "<tool|>"],
    call: ["<|tool_call>", "<tool_call|>"],
    response: ["<|tool_response>", "<tool_response|>"],
    quote: '<|"|>',
  }),
  thinking: { open: "<|channel>thought\n", close: "<channel|>" },
};
const gemma4Large: Style = { ...gemma4, begin: (on) => (on ? "" : "<|channel>thought\n<channel|>") };

export const taggedStyles: Record<string, Style> = {
  "deepseek3.1": deepseek,
  cogito,
  "glm-4.7": glm,
  "glm-ocr": { ...glm, begin: (on) => (on ? "<think>" : "<think></think>\n") },
  cohere,
  functiongemma: {
    ...functionGemma,
    turn: (role) => functionGemma.turn(role === "system" ? "developer" : role),
  },
  gemma4,
  "gemma4-small": gemma4,
  "gemma4-large": gemma4Large,
};
