/** The registry client of a server: what all pulls and pushes have in common. */
import os from "node:os";
import type { Config } from "../config.ts";
import type { ModelName } from "../models/name.ts";
import type { ModelStore } from "../models/store.ts";
import { registryAddress } from "./address.ts";
import { isCurrent } from "./current.ts";
import { isHuggingFace } from "./hugging-face.ts";
import { type PullOptions, pull, type TransferProgress } from "./pull.ts";
import { PulledModels } from "./pulled.ts";
import { push } from "./push.ts";
import { RateLimit } from "./rate.ts";
import { Session } from "./session.ts";
import { Transfers } from "./transfers.ts";
import { Wire } from "./wire.ts";

export interface ClientOptions {
  store: ModelStore;
  config: Pick<Config, "home" | "transfer">;
  /** Puna's own, and that of the Ollama release it stands in for. */
  versions: { puna: string; ollama: string };
  /** For tests: real times would make them wait. */
  times?: Partial<Times>;
  /** For tests, which have no public addresses. */
  isPrivateIp?: (address: string) => boolean;
}

export interface Times {
  stallMs: number;
  backoffMs: number;
  everyMs: number;
}

export interface TransferOptions {
  /** Plain HTTP. */
  insecure: boolean;
  signal: AbortSignal;
}

const TIMES: Times = { stallMs: 30_000, backoffMs: 1000, everyMs: 60 };
const ARCHITECTURES: Record<string, string> = { x64: "amd64", ia32: "386" };

export class RegistryClient {
  /** Which models came from a registry. */
  readonly pulled: PulledModels;
  readonly #options: ClientOptions;
  readonly #times: Times;
  readonly #wire: Wire;
  readonly #limit: RateLimit;
  readonly #transfers: Transfers;

  constructor(options: ClientOptions) {
    const { store, config, versions, isPrivateIp } = options;
    const { proxy, bytesPerSecond, streams } = config.transfer;
    this.#options = options;
    this.pulled = new PulledModels(config.home);
    this.#times = { ...TIMES, ...options.times };
    const { stallMs, backoffMs } = this.#times;
    this.#wire = new Wire({ proxy, stallMs, userAgent: userAgent(versions) }, { ...(isPrivateIp && { isPrivateIp }) });
    this.#limit = new RateLimit({ bytesPerSecond });
    this.#transfers = new Transfers(store.blobs, { streams, limit: this.#limit, stallMs, backoffMs });
  }

  /** Remembers, before the last line, that the model is the registry's. */
  async *pull(name: ModelName, options: TransferOptions): AsyncGenerator<TransferProgress> {
    const { store } = this.#options;
    for await (const line of pull(name, this.#pullOptions(name, options))) {
      if (line.status === "success") await this.pulled.note(await store.spelling(name), (await store.manifest(name)).digest);
      yield line;
    }
  }

  /** Whether the registry still has for this name what is here. Throws NotFound, Failed or Canceled. */
  isCurrent(name: ModelName, options: TransferOptions): Promise<boolean> {
    return isCurrent(name, this.#pullOptions(name, options));
  }

  push(name: ModelName, { insecure, signal }: TransferOptions): AsyncGenerator<TransferProgress> {
    const { store, config } = this.#options;
    const session = this.#session(name, insecure);
    return push(name, { store, session, home: config.home, limit: this.#limit, ...this.#times, signal });
  }

  /** Closes connections that are kept open. */
  close(): void {
    this.#wire.close();
  }

  #pullOptions(name: ModelName, { insecure, signal }: TransferOptions): PullOptions {
    const { store } = this.#options;
    return { store, session: this.#session(name, insecure), transfers: this.#transfers, ...this.#times, signal };
  }

  #session(name: ModelName, insecure: boolean): Session {
    const { home, transfer } = this.#options.config;
    const { base, mayFallBack } = registryAddress(name, { insecure, mirrors: transfer.mirrors });
    const hub = isHuggingFace(name.host) ? transfer.hub : undefined;
    return new Session({ base: base.href, mayFallBack, home, hub }, this.#wire);
  }
}

/** Registries look for Ollama's name and version, to refuse models that an older one could not run. */
function userAgent({ puna, ollama }: { puna: string; ollama: string }): string {
  return `ollama/${ollama} (${ARCHITECTURES[os.arch()] ?? os.arch()} ${os.platform()}) puna/${puna}`;
}
