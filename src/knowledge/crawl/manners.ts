/** How a crawler behaves: one request at a time to a host, with a rest in between, and none before the host wants it. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Answer, Visit, Web } from "../../net/web.ts";
import { until } from "../../until.ts";

export interface MannersOptions {
  /** Between two requests to one host. */
  restMs: number;
  /** The longest rest that a site may ask for. */
  mostRestMs: number;
  /** After 429 or 503, where the host does not say how long; and the longest it may say. */
  retryMs: number;
  mostRetryMs: number;
  tries: number;
}

const MANNERS: MannersOptions = { restMs: 500, mostRestMs: 30_000, retryMs: 5_000, mostRetryMs: 60_000, tries: 3 };

export class Manners {
  readonly #web: Web;
  readonly #options: MannersOptions;
  readonly #turns = new Map<string, Promise<unknown>>();

  constructor(web: Web, options: Partial<MannersOptions> = {}) {
    this.#web = web;
    this.#options = { ...MANNERS, ...options };
  }

  /** Like `Web.get`, in turn; `delay` is what robots.txt says, in seconds. Asks again after 429, 502, 503 and 504. */
  async get(url: URL, { delay = 0, ...visit }: Visit & { delay?: number | undefined }): Promise<Answer> {
    const { restMs, mostRestMs, tries } = this.#options;
    const rest = Math.min(Math.max(restMs, delay * 1000), Math.max(mostRestMs, restMs));
    return await this.#inTurn(url.host, { restMs: rest, signal: visit.signal }, async () => {
      visit.signal.throwIfAborted();
      for (let tried = 1; ; tried++) {
        const answer = await this.#web.get(url, visit);
        if (tried >= tries || ![429, 502, 503, 504].includes(answer.status)) return answer;
        await sleep(this.#waitOf(answer.headers["retry-after"], tried), undefined, { signal: visit.signal });
      }
    });
  }

  /** The next waits until the rest is over, whatever became of this one. */
  async #inTurn<T>(
    host: string,
    { restMs, signal }: { restMs: number; signal: AbortSignal },
    work: () => Promise<T>,
  ): Promise<T> {
    const before = this.#turns.get(host) ?? Promise.resolve();
    const result = before.then(work);
    const rested: Promise<void> = result.then(
      () => sleep(restMs, undefined, { ref: false }),
      () => sleep(restMs, undefined, { ref: false }),
    );
    this.#turns.set(host, rested);
    void rested.then(() => {
      if (this.#turns.get(host) === rested) this.#turns.delete(host);
    });
    return await until(result, signal);
  }

  /** Retry-After is seconds or a date. */
  #waitOf(header: string | undefined, tried: number): number {
    const { retryMs, mostRetryMs } = this.#options;
    const seconds = /^\d+$/.test(header ?? "") ? Number(header) * 1000 : Date.parse(header ?? "") - Date.now();
    return Math.min(Number.isFinite(seconds) ? Math.max(seconds, 0) : retryMs * tried, mostRetryMs);
  }
}
