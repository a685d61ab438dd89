/** The Hugging Face hub as a registry: who it is, who we are to it, and which of a repository's files a tag means. */
import { Failed } from "../errors.ts";
import { isLoopbackName } from "./addresses.ts";

const HOSTS = ["hf.co", "huggingface.co"];

/** What to do when the hub says that there is nothing for us. It says the same of what is private and of what is not there. */
export const hubAccess = "check the name; for a private or gated repository, start the server with an access token in HF_TOKEN";

export interface HubSettings {
  token: string;
  /** Another address of the hub, such as a mirror. */
  endpoint: string;
}

export function isHuggingFace(host: string): boolean {
  return HOSTS.includes(host.toLowerCase());
}

/** The token, for the hub itself and the endpoint its user chose, and never over an open line. */
export function hubCredentials({ token, endpoint }: HubSettings): (url: URL) => string | undefined {
  const origins = HOSTS.map((host) => `https://${host}`);
  const own = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (own && (own.protocol === "https:" || isLoopbackName(own.hostname))) origins.push(own.origin);
  return (url) => (token !== "" && origins.includes(url.origin) ? `Bearer ${token}` : undefined);
}

export interface HubFile {
  path: string;
  sizeBytes: number;
  /** `sha256:<hex>`; only large files have one. */
  digest: string | undefined;
}

/** Files that are one model: a single GGUF, or all parts of a split one, in order. */
interface HubModel {
  /** File name without folder, part number and ending. */
  stem: string;
  quantization: string | undefined;
  parts: HubFile[];
  count: number;
}

const PREFERRED = ["Q4_K_M", "Q4_K_S", "Q4_0", "Q4_K_XL", "IQ4_XS", "Q5_K_M", "Q8_0", "Q6_K", "BF16", "F16"];
const QUANTIZATION = /(?:^|[-._/])((?:UD-)?(?:I?Q\d(?:_[A-Z0-9]+)*|TQ\d_\d|MXFP4(?:_MOE)?|BF16|FP?16|F32))(?=$|[-._/])/gi;

/** The files of a tag: a quantization or a file name, in any case; `latest` is Q4_K_M or what comes next to it. Throws Failed naming what there is. */
export function chooseFiles(files: readonly HubFile[], tag: string, repository: string): HubFile[] {
  const models = groupModels(files);
  if (models.length === 0) throw new Failed(noModel(files, repository));
  const found = same(tag, "latest") ? byPreference(models) : models.find((model) => isMeant(model, tag));
  if (!found) {
    const names = [...new Set(models.map(({ stem, quantization }) => quantization ?? stem))].sort();
    throw new Failed(`${repository} has nothing that is called "${tag}"; it has ${names.join(", ")}`);
  }
  if (found.parts.length !== found.count) {
    throw new Failed(`${repository} has only ${found.parts.length} of the ${found.count} parts of ${found.stem}`);
  }
  return found.parts;
}

function groupModels(files: readonly HubFile[]): HubModel[] {
  const models = new Map<string, HubModel>();
  for (const file of files) {
    const [, stem, count] = /^(.*?)(?:-\d{5}-of-(\d{5}))?\.gguf$/i.exec(file.path) ?? [];
    const name = stem?.split("/").at(-1) ?? "";
    // A projector or an importance matrix is no model.
    if (stem === undefined || /^mmproj|[-._]imatrix\b|^imatrix/i.test(name)) continue;
    const key = `${stem} ${count ?? ""}`;
    const known = models.get(key);
    if (known) known.parts.push(file);
    else models.set(key, { stem: name, quantization: quantizationOf(stem), parts: [file], count: Number(count ?? 1) });
  }
  for (const { parts } of models.values()) parts.sort((a, b) => (a.path < b.path ? -1 : 1));
  return [...models.values()];
}

/** The last one in the name: `Qwen-BF16-trained-Q4_K_M` is a Q4_K_M. A folder's name counts when the file's says nothing. */
function quantizationOf(stem: string): string | undefined {
  return [...stem.matchAll(QUANTIZATION)].at(-1)?.[1]?.toUpperCase();
}

function isMeant({ stem, quantization, parts }: HubModel, tag: string): boolean {
  const name = tag.replace(/\.gguf$/i, "");
  return (
    same(stem, name) || (quantization !== undefined && same(quantization, name)) || parts.some(({ path }) => same(path, tag))
  );
}

function byPreference(models: readonly HubModel[]): HubModel | undefined {
  for (const wanted of PREFERRED) {
    const found = models.find(({ quantization }) => quantization === wanted);
    if (found) return found;
  }
  return models[0];
}

function noModel(files: readonly HubFile[], repository: string): string {
  if (files.some(({ path }) => /\.safetensors$/i.test(path))) {
    return `${repository} holds its weights as safetensors, and only GGUF files can be pulled: look for a repository of the same model with GGUF in its name, or download this one and make a model of its folder with 'puna create'`;
  }
  return `${repository} holds no GGUF file`;
}

function same(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
