/** From a request and a memory plan to a running model. */
import type { Config } from "../config.ts";
import { logger } from "../log.ts";
import { checkLoadable } from "../models/gguf/check.ts";
import { readGguf } from "../models/gguf/read.ts";
import type { Model } from "../models/types.ts";
import { Loaded } from "./loaded.ts";
import type { MemoryPlan } from "./memory.ts";
import { loadMessage, shapeFor, structureOf } from "./plan.ts";
import { Runner } from "./runner.ts";
import type { Spare } from "./spare.ts";
import type { AcquireRequest } from "./types.ts";

const log = logger("runtime");
const checked = new Set<string>();

/** Rejects as `Runner.load` does, and with Invalid when the file's header is unsound. */
export async function loadModel(
  { model, options, keepAliveMs }: AcquireRequest,
  { plan, config, spare, signal }: { plan: MemoryPlan; config: Config; spare: Spare; signal: AbortSignal },
): Promise<Loaded> {
  const shape = shapeFor({
    model,
    ...plan,
    ...(options.numBatch !== undefined && { numBatch: options.numBatch }),
    ...(config.numParallel !== undefined && { numParallel: config.numParallel }),
  });
  const message = loadMessage(model, options, shape, config);
  await checkFile(model);
  const runner = await Runner.load(spare.take(), message, { stallMs: config.loadTimeoutMs, signal });
  const { loadMs, kernelBuild } = runner.info;
  log.info("model loaded", {
    model: model.modelPath,
    ms: Math.round(loadMs),
    cells: runner.info.shape.cells,
    kernels: kernelBuild,
  });
  return new Loaded({
    model,
    runner,
    structure: structureOf(options),
    gpuLayers: message.gpuLayers,
    contextLength: plan.numCtx,
    keepAliveMs: keepAliveMs ?? config.keepAliveMs,
  });
}

/** A file is a stranger's: its whole header is checked before native code sees it. Blobs never change, so once is enough. */
async function checkFile({ modelPath, header }: Model): Promise<void> {
  if (modelPath === undefined || !header || checked.has(modelPath)) return;
  checkLoadable(await readGguf(modelPath, { maxArray: Number.POSITIVE_INFINITY }));
  checked.add(modelPath);
}
