/** Messages and tools as the Go values that Ollama gives to its templates, with the same fields and the same printing. */
import { fromJson, jsonObject, type List, type Struct, toJson, type Value } from "./go-template/index.ts";
import type { Message, Tool, ToolCall } from "./types.ts";

/** Messages under the names that templates use: Role, Content, Thinking, ToolCalls ... */
export function messagesValue(messages: Message[]): List {
  return list("[]*template.templateMessage", messages.map(messageValue));
}

function messageValue(message: Message): Struct {
  return struct("template.templateMessage", {
    Role: message.role,
    Content: message.content,
    Thinking: message.thinking ?? "",
    Images: list("[]api.ImageData", message.images ?? []),
    ToolCalls: list("[]template.templateToolCall", (message.toolCalls ?? []).map(toolCallValue)),
    ToolName: message.toolName ?? "",
    ToolCallID: message.toolCallId ?? "",
  });
}

function toolCallValue(call: ToolCall, position: number): Struct {
  const entries = Object.entries(call.function.arguments).map(([key, value]): [string, Value] => [key, fromJson(value)]);
  const json = () => jsonObject(entries);
  const called = struct("template.templateToolCallFunction", {
    Index: BigInt(call.function.index ?? position),
    Name: call.function.name,
    Arguments: { kind: "map", type: "template.templateArgs", entries: new Map(entries), text: json, json },
  });
  return struct("template.templateToolCall", { ID: call.id ?? "", Function: called });
}

/** Tools; the list, each of them and their parts print as JSON in the field order of Ollama's types. */
export function toolsValue(tools: Tool[]): List {
  const items = tools.map(toolValue);
  const json = () => `[${items.map(toJson).join(",")}]`;
  return { ...list("template.templateTools", items), text: json, json };
}

function toolValue(tool: Tool): Struct {
  const { name, description, parameters } = tool.function;
  const described = jsonStruct(
    "template.templateToolFunction",
    { Name: name, Description: description ?? "", Parameters: parametersValue(parameters ?? {}) },
    { Name: "name", Description: "description,omitempty", Parameters: "parameters" },
  );
  return jsonStruct(
    "template.templateTool",
    { Type: tool.type, Items: fromJson(tool.items), Function: described },
    { Type: "type", Items: "items,omitempty", Function: "function" },
  );
}

function parametersValue(schema: Record<string, unknown>): Struct {
  return jsonStruct(
    "template.templateToolFunctionParameters",
    {
      Type: typeof schema.type === "string" ? schema.type : "",
      Defs: fromJson(schema.$defs),
      Items: fromJson(schema.items),
      Required: list("[]string", strings(schema.required)),
      Properties: propertiesValue(schema.properties) ?? propertiesValue({}),
    },
    { Type: "type", Defs: "$defs,omitempty", Items: "items,omitempty", Required: "required,omitempty", Properties: "properties" },
  );
}

/** Ranged over in sorted order, but printed in the order they were given. */
function propertiesValue(properties: unknown, depth = 0): Value {
  if (!isRecord(properties) || depth > 50) return null;
  const entries = Object.entries(properties).map(([name, schema]): [string, Value] => [name, propertyValue(schema, depth)]);
  const json = () => jsonObject(entries);
  return { kind: "map", type: "template.templateProperties", entries: new Map(entries), text: json, json };
}

function propertyValue(schema: unknown, depth: number): Struct {
  const property = isRecord(schema) ? schema : {};
  const types = typeof property.type === "string" ? [property.type] : strings(property.type);
  const type: List = {
    ...list("api.PropertyType", types),
    text: () => (types.length === 1 ? (types[0] ?? "") : types.length === 0 ? "" : `[${types.join(" ")}]`),
    // One type is a plain string, as the client wrote it.
    json: () => (types.length === 1 ? toJson(types[0] ?? "") : `[${types.map(toJson).join(",")}]`),
  };
  return jsonStruct(
    "api.ToolProperty",
    {
      AnyOf: list(
        "[]api.ToolProperty",
        array(property.anyOf).map((one) => propertyValue(one, depth + 1)),
      ),
      Type: type,
      Items: fromJson(property.items),
      Description: typeof property.description === "string" ? property.description : "",
      Enum: list("[]interface {}", array(property.enum).map(fromJson)),
      Properties: propertiesValue(property.properties, depth + 1),
      Required: list("[]string", strings(property.required)),
    },
    {
      AnyOf: "anyOf,omitempty",
      Type: "type,omitempty",
      Items: "items,omitempty",
      Description: "description,omitempty",
      Enum: "enum,omitempty",
      Properties: "properties,omitempty",
      Required: "required,omitempty",
    },
  );
}

function struct(type: string, fields: Record<string, Value>): Struct {
  return { kind: "struct", type, fields: new Map(Object.entries(fields)) };
}

/** A struct that prints as JSON; `tags` are Go's struct tags, in order. */
function jsonStruct(type: string, fields: Record<string, Value>, tags: Record<string, string>): Struct {
  const json = () => {
    const entries: [string, Value][] = [];
    for (const [field, tag] of Object.entries(tags)) {
      const value = fields[field] ?? null;
      const [name = field] = tag.split(",");
      if (!tag.endsWith(",omitempty") || !isEmpty(value)) entries.push([name, value]);
    }
    return jsonObject(entries);
  };
  return { ...struct(type, fields), text: json, json };
}

function isEmpty(value: Value): boolean {
  return value === null || value === "" || (typeof value === "object" && value.kind === "list" && value.items.length === 0);
}

function list(type: string, items: Value[]): List {
  return { kind: "list", type, items };
}

function array(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function strings(value: unknown): string[] {
  return array(value).filter((item) => typeof item === "string");
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
