/** The child process in which node-llama-cpp runs. The package is no dependency, so the little that is used of it is described here. */
import type { Answer } from "../contestant.ts";
import type { FromPeer, NodeLlamaCppSetup, ToPeer } from "./node-llama-cpp.ts";

interface Sequence {
  evaluate(tokens: number[], options: { temperature: number; topK: number; topP: number }): AsyncIterable<number>;
  clearHistory(): Promise<void>;
}
interface PeerModel {
  tokenize(text: string): number[];
  detokenize(tokens: number[]): string;
  createContext(options: { sequences: number; contextSize: number; threads: number }): Promise<{ getSequence(): Sequence }>;
}
interface Package {
  getLlama(options: { gpu: false; build: "never" }): Promise<{ loadModel(options: { modelPath: string }): Promise<PeerModel> }>;
}

let model: PeerModel | undefined;
let free: Sequence[] = [];
const waiting: ((sequence: Sequence) => void)[] = [];

process.on("message", (message: ToPeer) => {
  if ("setup" in message) void open(message.setup).then(say, (error: unknown) => say({ missing: String(error) }));
  else
    void answer(message.prompt, message.tokens).then(
      (found) => say({ id: message.id, answer: found }),
      (error: unknown) => say({ id: message.id, error: String(error) }),
    );
});

// the bench is gone, however it ended
process.on("disconnect", () => process.exit());

function say(message: FromPeer): void {
  process.send?.(message);
}

async function open(setup: NodeLlamaCppSetup): Promise<FromPeer> {
  // a name that the compiler does not look up
  const name: string = "node-llama-cpp";
  const { getLlama } = (await import(name)) as Package;
  const llama = await getLlama({ gpu: false, build: "never" });
  model = await llama.loadModel({ modelPath: setup.model });
  const context = await model.createContext({ sequences: setup.sequences, contextSize: setup.context, threads: setup.threads });
  free = Array.from({ length: setup.sequences }, () => context.getSequence());
  return { ready: true };
}

async function answer(prompt: string, wanted: number): Promise<Answer> {
  if (!model) throw new Error("not set up");
  const started = performance.now();
  const sequence = free.pop() ?? (await new Promise<Sequence>((resolve) => waiting.push(resolve)));
  const tokens = model.tokenize(prompt);
  const made: number[] = [];
  let firstMs = Number.NaN;
  try {
    for await (const token of sequence.evaluate(tokens, { temperature: 1, topK: 40, topP: 1 })) {
      if (made.length === 0) firstMs = performance.now() - started;
      made.push(token);
      if (made.length >= wanted) break;
    }
    const totalMs = performance.now() - started;
    return { promptTokens: tokens.length, tokens: made.length, firstMs, totalMs, text: model.detokenize(made) };
  } finally {
    await sequence.clearHistory();
    const next = waiting.shift();
    if (next) next(sequence);
    else free.push(sequence);
  }
}
