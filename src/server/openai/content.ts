/** The content of a message: a text, or parts. */
import { Invalid } from "../../errors.ts";
import { goType } from "../go-type.ts";

export interface Content {
  text: string;
  /** Base64. */
  images: string[];
}

const TEXTS = new Set(["text", "input_text", "output_text", "summary_text", "reasoning_text"]);
const DATA_URL = /^data:(?:image\/(?:jpeg|jpg|png|webp))?;base64,(.*)$/s;

/** Parts of text are lines of one text. `where` is the field, for errors. Throws Invalid, in Ollama's words where it has some. */
export function contentOf(value: unknown, where: string): Content {
  if (typeof value === "string") return { text: value, images: [] };
  if (!Array.isArray(value))
    throw new Invalid(`invalid message content type: ${goType(value)}`, {
      param: where,
    });
  const texts: string[] = [];
  const images: string[] = [];
  for (const [index, part] of value.entries()) {
    const param = `${where}[${index}]`;
    if (typeof part !== "object" || part === null) throw new Invalid("invalid message format", { param });
    const { type } = part;
    if (TEXTS.has(type)) texts.push(textField(part, "text", param));
    else if (type === "refusal") texts.push(textField(part, "refusal", param));
    else if (type === "image_url" || type === "input_image") images.push(imageOf(part.image_url, param));
    else throw new Invalid(refusal(type), { param });
  }
  return { text: texts.join("\n"), images };
}

function textField(part: Record<string, unknown>, field: string, param: string): string {
  const value = part[field];
  if (typeof value !== "string") throw new Invalid(`invalid message format: ${param}.${field} is no text`, { param });
  return value;
}

function imageOf(image: unknown, param: string): string {
  const url = typeof image === "object" && image !== null && "url" in image ? image.url : image;
  if (typeof url !== "string") throw new Invalid("invalid image input: image_url is missing", { param });
  if (/^https?:/i.test(url))
    throw new Invalid("image URLs are not currently supported, please use base64 encoded data instead", { param });
  const data = DATA_URL.exec(url)?.[1];
  if (data === undefined) throw new Invalid("invalid image input: it must be a data URL of a JPEG, PNG or WebP image", { param });
  return data;
}

function refusal(type: unknown): string {
  if (type === "input_audio") return "audio cannot be read by this version of Puna yet: send the request without it";
  if (type === "file" || type === "input_file") return "file inputs are not currently supported";
  return `invalid message format: a part of type ${JSON.stringify(type)} is not known`;
}
