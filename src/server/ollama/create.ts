/** POST /api/create: a model from uploaded files or from another model. */
import type { Context } from "hono";
import { z } from "zod";
import { goTemplate } from "../../chat/go.ts";
import { Invalid } from "../../errors.ts";
import { createModel } from "../../models/create.ts";
import type { CreateRequest } from "../../models/create-request.ts";
import { parseName } from "../../models/name.ts";
import { quantizer } from "../../runtime/quantize.ts";
import { readJson } from "../body.ts";
import type { Deps } from "../deps.ts";
import { progress } from "../progress.ts";

const digests = z.record(z.string(), z.string()).optional();

const request = z.object({
  model: z.string().default(""),
  name: z.string().default(""),
  from: z.string().optional(),
  files: digests,
  adapters: digests,
  draft_files: digests,
  template: z.string().optional(),
  license: z.union([z.string(), z.array(z.string())]).optional(),
  system: z.string().optional(),
  parameters: z.record(z.string(), z.unknown()).optional(),
  messages: z.array(z.object({ role: z.string(), content: z.string().default("") })).optional(),
  quantize: z.string().optional(),
  quantization: z.string().optional(),
  draft_quantize: z.string().optional(),
  renderer: z.string().optional(),
  parser: z.string().optional(),
  requires: z.string().optional(),
  remote_host: z.string().optional(),
  info: z.record(z.string(), z.unknown()).optional(),
  stream: z.boolean().default(true),
});

export function create({ store, config }: Deps) {
  const quantize = quantizer(config);
  return async (c: Context): Promise<Response> => {
    const body = await readJson(c, request, "CreateRequest");
    const name = parseName((body.model || body.name).trim());
    if (!name) throw new Invalid("invalid model name");
    if (body.draft_quantize) throw new Invalid("--draft-quantize requires a DRAFT model");
    const wanted: CreateRequest = {
      ...body,
      name,
      quantize: body.quantize || body.quantization,
      draftFiles: body.draft_files,
      remoteHost: body.remote_host,
    };
    const { signal } = c.req.raw;
    return await progress(
      c,
      createModel(store, wanted, { checkTemplate: (text) => void goTemplate(text), quantize, signal }),
      body.stream,
    );
  };
}
