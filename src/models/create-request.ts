/** What a create request asks for, checked before anything is written. */
import { Invalid } from "../errors.ts";
import { parseDigest } from "./digest.ts";
import type { ModelName } from "./name.ts";
import { checkParameters } from "./parameters.ts";
import type { ModelConfig } from "./types.ts";

export interface CreateRequest {
  /** The new model. */
  name: ModelName;
  /** The base model, as the client wrote it. */
  from?: string;
  /** Relative names -> digests of uploaded blobs. */
  files?: Record<string, string>;
  adapters?: Record<string, string>;
  template?: string;
  system?: string;
  license?: string | string[];
  parameters?: Record<string, unknown>;
  messages?: { role: string; content: string }[];
  quantize?: string;
  renderer?: string;
  parser?: string;
  requires?: string;
  info?: Record<string, unknown>;
  /** Named here to be refused in words. */
  draftFiles?: Record<string, string>;
  remoteHost?: string;
}

/** A file of the request: its name and wire digest. */
export interface NamedBlob {
  name: string;
  digest: string;
}

export interface CheckedRequest {
  files: NamedBlob[];
  adapters: NamedBlob[];
  licenses: string[];
  parameters: Record<string, unknown>;
  config: Partial<ModelConfig>;
}

const SEMVER = /^v?\d+(\.\d+){0,2}(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/;

/** Throws Invalid with Ollama's texts. `checkTemplate` throws on a template that does not parse. */
export function checkRequest(request: CreateRequest, checkTemplate: (text: string) => void): CheckedRequest {
  const files = namedBlobs(request.files);
  const adapters = namedBlobs(request.adapters);
  if (request.remoteHost) throw new Invalid("bad remote: Puna runs models on this machine only");
  if (Object.keys(request.draftFiles ?? {}).length > 0) throw new Invalid("draft models are not supported yet");
  if (!request.from) {
    if (!request.files) throw new Invalid("neither 'from' or 'files' was specified");
    if (files.length === 0) throw new Invalid("no files provided to convert");
  }
  // An adapter in safetensors is two files.
  const isOne = adapters.length <= 1 || adapters.some(({ name }) => name.endsWith(".safetensors"));
  if (!isOne) throw new Invalid("only one adapter is currently supported");
  if (request.requires && !SEMVER.test(request.requires)) throw new Invalid("requires must be a valid semver (e.g. 0.14.0)");
  if (request.template) checkSyntax(request.template, checkTemplate);
  for (const { role } of request.messages ?? []) {
    if (!["system", "user", "assistant", "tool"].includes(role)) {
      throw new Invalid('message role must be one of "system", "user", or "assistant"');
    }
  }
  const license = request.license ?? [];
  return {
    files,
    adapters,
    licenses: (typeof license === "string" ? [license] : license).filter((text) => text !== ""),
    parameters: checkParameters(request.parameters ?? {}),
    config: {
      ...given("renderer", request),
      ...given("parser", request),
      ...given("requires", request),
      ...checkInfo(request.info ?? {}),
    },
  };
}

function given(key: "renderer" | "parser" | "requires", request: CreateRequest): Partial<ModelConfig> {
  return request[key] ? { [key]: request[key] } : {};
}

function checkSyntax(template: string, checkTemplate: (text: string) => void): void {
  try {
    checkTemplate(template);
  } catch (error) {
    throw new Invalid(`template error: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function namedBlobs(files: Record<string, string> = {}): NamedBlob[] {
  return Object.entries(files).map(([name, digest]) => {
    const isRelative = name !== "" && !name.includes("\\") && name.split("/").every((part) => !["", ".", ".."].includes(part));
    if (!isRelative || /^[A-Za-z]:/.test(name)) throw new Invalid("file path must be relative");
    return { name, digest: parseDigest(digest) };
  });
}

/** `info` states what a config cannot know by itself. Unknown fields are ignored. */
function checkInfo(info: Record<string, unknown>): Partial<ModelConfig> {
  const texts = {
    model_family: "model_family",
    base_name: "base_name",
    quantization_level: "file_type",
    parameter_size: "model_type",
  };
  const config: Record<string, unknown> = {};
  for (const [field, key] of Object.entries(texts)) {
    const value = info[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== "string") throw new Invalid(`info field "${field}" must be a string`);
    config[key] = value;
  }
  for (const field of ["context_length", "embedding_length"]) {
    const value = info[field];
    if (value === undefined || value === null) continue;
    if (typeof value !== "number") throw new Invalid(`info field "${field}" must be a number`);
    if (!Number.isSafeInteger(value) || value < 0) throw new Invalid(`info field "${field}" must be a non-negative integer`);
    config[field] = value;
  }
  const { capabilities } = info;
  if (Array.isArray(capabilities) && capabilities.every((item) => typeof item === "string")) config.capabilities = capabilities;
  else if (capabilities !== undefined && capabilities !== null)
    throw new Invalid('info field "capabilities" must be an array of strings');
  return config;
}
