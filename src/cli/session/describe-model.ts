/** The overview that `puna show` and `/show info` print: sections of indented columns, to the space as Ollama's. */
import { goFloat, humanCount } from "../terminal/human.ts";
import { rows } from "../terminal/table.ts";
import { textWidth } from "../terminal/width.ts";
import type { ShowReply } from "../wire.ts";

const TEXT_COLUMNS = 100;
const ARRAY_COLUMNS = 10;

/** `verbose` adds the metadata and the tensors. */
export function describeModel(reply: ShowReply, { verbose }: { verbose: boolean }): string {
  return [
    section("Model", modelRows(reply)),
    section(
      "Capabilities",
      reply.capabilities?.map((name) => [name]),
    ),
    section("Projector", projectorRows(reply.projector_info)),
    section("Parameters", parameterRows(reply.parameters)),
    verbose ? section("Metadata", metadataRows(reply.model_info)) : "",
    verbose
      ? section(
          "Tensors",
          reply.tensors?.map(({ name, type, shape }) => [name, type, `[${shape.join(" ")}]`]),
        )
      : "",
    section("System", firstLines(reply.system)),
    section("License", firstLines(reply.license)),
  ].join("");
}

function section(heading: string, cells: string[][] | undefined): string {
  if (!cells || cells.length === 0) return "";
  return `  ${heading}\n${rows(cells.map((row) => ["", ...row]))}\n`;
}

function modelRows(reply: ShowReply): string[][] {
  const { details = {}, model_info: info } = reply;
  const remote = reply.remote_host
    ? [
        ["Remote model", reply.remote_model ?? ""],
        ["Remote URL", reply.remote_host],
      ]
    : [];
  const quantization = details.quantization_level ? [["quantization", details.quantization_level]] : [];
  const requires = reply.requires ? [["requires", reply.requires]] : [];
  const architecture = info?.["general.architecture"];
  if (typeof architecture !== "string") {
    const given = [
      ["architecture", details.family ?? ""],
      ["parameters", details.parameter_size ?? ""],
    ];
    return [...remote, ...given, ...quantization, ...requires];
  }
  const count = info?.["general.parameter_count"];
  const parameters = details.parameter_size || (typeof count === "number" ? humanCount(count) : "");
  return [
    ...remote,
    ["architecture", architecture],
    ...(parameters ? [["parameters", parameters]] : []),
    ...numberRow("context length", info?.[`${architecture}.context_length`]),
    ...numberRow("embedding length", info?.[`${architecture}.embedding_length`]),
    ...quantization,
    ...requires,
  ];
}

function projectorRows(info: ShowReply["projector_info"]): string[][] {
  const architecture = info?.["general.architecture"];
  if (typeof architecture !== "string") return [];
  const count = info?.["general.parameter_count"];
  return [
    ["architecture", architecture],
    ...(typeof count === "number" ? [["parameters", humanCount(count)]] : []),
    ...numberRow("embedding length", info?.[`${architecture}.vision.embedding_length`]),
    ...numberRow("dimensions", info?.[`${architecture}.vision.projection_dim`]),
  ];
}

function numberRow(name: string, value: unknown): string[][] {
  return typeof value === "number" ? [[name, String(value)]] : [];
}

function parameterRows(parameters = ""): string[][] {
  return parameters
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([key]) => key);
}

function metadataRows(info: ShowReply["model_info"]): string[][] {
  return Object.entries(info ?? {})
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => [key, metadataText(value)]);
}

function metadataText(value: unknown): string {
  if (typeof value === "number") return goFloat(value);
  if (!Array.isArray(value)) return value === null || value === undefined ? "[]" : String(value);
  let text = "[";
  for (const [i, item] of value.entries()) {
    const next = `${i > 0 ? ", " : ""}${typeof item === "number" ? goFloat(item) : String(item)}`;
    if (i > 0 && textWidth(text + next) > ARRAY_COLUMNS) return `${text}, ...+${value.length - i} more]`;
    text += next;
  }
  return `${text}]`;
}

/** The first two lines that hold something, long ones broken between words, and dots when there is more. */
function firstLines(text = ""): string[][] {
  const found = text
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);
  const shown = found.slice(0, 2).flatMap(wrapped);
  return [...shown, ...(found.length > 2 ? ["..."] : [])].map((line) => [line]);
}

function wrapped(line: string): string[] {
  const lines = [""];
  for (const word of line.split(/\s+/)) {
    const last = lines.at(-1) ?? "";
    if (last === "") lines[lines.length - 1] = word;
    else if (textWidth(`${last} ${word}`) <= TEXT_COLUMNS) lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(word);
  }
  return lines;
}
