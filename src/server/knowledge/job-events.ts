/** What a job does, as lines: how it stands, and every item that has ended. Whichever process works on it. */
import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { NotFound } from "../../errors.ts";
import type { KnowledgeStore } from "../../knowledge/bases.ts";
import type { Item, Job } from "../../knowledge/rows/jobs.ts";
import { itemShape, jobShape, wireItem, wireJob } from "./job-shape.ts";

export const eventShape = z
  .object({
    job: jobShape,
    items: z.array(itemShape).describe("Those that ended since the line before"),
    vectors: z
      .object({ done: z.int(), total: z.int() })
      .optional()
      .describe("While passages are given vectors: how many have theirs"),
  })
  .meta({ id: "JobEvent" });

type Event = z.input<typeof eventShape>;

/** Between two looks. */
const LOOK_MS = 200;
/** A line comes at least so often, so that a connection is not taken for dead. */
const QUIET_MS = 10_000;
const PAGE = 500;

/** Ends with the job, or when it is gone. */
export async function* jobEvents(store: KnowledgeStore, id: number, signal: AbortSignal): AsyncGenerator<Event> {
  const ended = new EndedItems(store, id);
  let said = "";
  let saidAt = 0;
  for (;;) {
    const event = await look(store, id, ended);
    if (!event) return;
    const news = JSON.stringify(event);
    if (news !== said || Date.now() - saidAt > QUIET_MS) {
      yield event;
      said = JSON.stringify({ ...event, items: [] });
      saidAt = Date.now();
    }
    if (event.job.state !== "waiting" && event.job.state !== "running") return;
    await wait(LOOK_MS, undefined, { signal }).catch(() => {});
    if (signal.aborted) return;
  }
}

/** Undefined when the job went with its base. */
async function look(store: KnowledgeStore, id: number, ended: EndedItems): Promise<Event | undefined> {
  try {
    // In this order: a job that has ended has no item that ends later.
    const job = store.job(id);
    const items = ended.next().map(wireItem);
    return { job: wireJob(job), items, ...(await vectorsOf(store, job)) };
  } catch (error) {
    if (error instanceof NotFound) return undefined;
    throw error;
  }
}

/** Vectors are made when all items are read. */
async function vectorsOf(store: KnowledgeStore, job: Job): Promise<Pick<Event, "vectors">> {
  const space = job.state === "running" ? store.growingSpace(job) : undefined;
  if (space === undefined) return {};
  return { vectors: { done: await store.searcher.countVectors(space), total: store.byId(job.base).passages } };
}

/** Items end in nearly the order of their ids: everything up to a mark has been told. */
class EndedItems {
  readonly #store: KnowledgeStore;
  readonly #job: number;
  readonly #told = new Set<number>();
  #mark = 0;

  constructor(store: KnowledgeStore, job: number) {
    this.#store = store;
    this.#job = job;
  }

  next(): Item[] {
    const news: Item[] = [];
    for (;;) {
      const page = this.#store.items(this.#job, { after: this.#mark, limit: PAGE });
      const open = page.findIndex(({ state }) => state === "waiting");
      for (const [at, item] of page.entries()) {
        if (item.state === "waiting") continue;
        const isNew = !this.#told.delete(item.id);
        if (isNew) news.push(item);
        if (open >= 0 && at > open) this.#told.add(item.id);
        else this.#mark = item.id;
      }
      if (page.length < PAGE || open >= 0) return news;
    }
  }
}
