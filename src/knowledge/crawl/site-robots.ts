/** The robots.txt of each origin, asked once. */
import { PunaError } from "../../errors.ts";
import type { Manners } from "./manners.ts";
import { EVERYTHING_ALLOWED, NOTHING_ALLOWED, parseRobots, ROBOTS_BYTES, type Robots } from "./robots.ts";

const AGENT = "puna";

export class SiteRobots {
  readonly #manners: Manners;
  readonly #signal: AbortSignal;
  readonly #known = new Map<string, Promise<Robots>>();

  constructor(manners: Manners, signal: AbortSignal) {
    this.#manners = manners;
    this.#signal = signal;
  }

  /** Throws what `Web.get` throws: then nothing of that origin can be read. */
  of({ origin }: URL): Promise<Robots> {
    const known = this.#known.get(origin) ?? this.#ask(new URL("/robots.txt", origin));
    this.#known.set(origin, known);
    return known;
  }

  async allow(url: URL): Promise<boolean> {
    return (await this.of(url)).allows(url.pathname + url.search);
  }

  /** RFC 9309: what is not there allows everything; what does not answer allows nothing. */
  async #ask(url: URL): Promise<Robots> {
    try {
      const limits = { bytes: ROBOTS_BYTES, redirects: 5 };
      const { status, body } = await this.#manners.get(url, { limits, signal: this.#signal });
      if (status === 200 && body) return parseRobots(body.toString("utf8"), AGENT);
      return status >= 400 && status < 500 && status !== 429 ? EVERYTHING_ALLOWED : NOTHING_ALLOWED;
    } catch (error) {
      if (error instanceof PunaError && error.code === "too_large") return NOTHING_ALLOWED;
      throw error;
    }
  }
}
