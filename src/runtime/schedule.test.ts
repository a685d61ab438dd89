import { readdirSync, readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { fakeModel, fakeRunner } from "../../test/fixtures/models.ts";
import { readConfig } from "../config.ts";
import { configureLog } from "../log.ts";
import type { MemoryPlan, MemoryQuestion } from "./memory.ts";
import { Scheduler } from "./schedule.ts";
import type { AcquireRequest, Lease } from "./types.ts";

configureLog({ write: () => {} });

const open: Scheduler[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((runtime) => runtime.close()));
});

const roomy = { needBytes: 1000, shortBytes: 0, problem: "", kvBytesPerCell: 1, kvBudgetBytes: 1e9 };

function start(
  env: Record<string, string> = {},
  planMemory = ({ numCtx }: MemoryQuestion): MemoryPlan => ({ ...roomy, numCtx }),
): Scheduler {
  const runtime = new Scheduler(readConfig(env), { entry: fakeRunner, planMemory });
  open.push(runtime);
  return runtime;
}

type Extra = Partial<Omit<AcquireRequest, "options">> & { numCtx?: number; numGpu?: number };

function ask(name: string, { numCtx = 100, numGpu, ...rest }: Extra = {}): AcquireRequest {
  const options = { numCtx, numCtxIsAutomatic: false, ...(numGpu !== undefined && { numGpu }) };
  return { model: fakeModel(name), options, signal: new AbortController().signal, ...rest };
}

async function write(
  lease: Lease,
  text: string,
  signal = new AbortController().signal,
): Promise<{ text: string; reason?: string }> {
  let written = "";
  let reason: string | undefined;
  for await (const event of lease.generate(request(await lease.tokenize(text)), { signal })) {
    written += event.text;
    reason = event.finish?.reason;
  }
  return { text: written, ...(reason && { reason }) };
}

function request(prompt: number[]) {
  const sampling = {} as Parameters<Lease["generate"]>[0]["sampling"];
  return { prompt, contextLimit: 100, shift: true, keep: 4, maxTokens: -1, stop: [], sampling };
}

const until = async (what: () => boolean) => {
  while (!what()) await new Promise((resolve) => setTimeout(resolve, 5));
};

describe("loads", () => {
  test("requests for one model share one load, and answers come back to who asked", async () => {
    const runtime = start();
    const leases = await Promise.all([1, 2, 3].map(() => runtime.acquire(ask("slow"))));
    expect(runtime.loaded()).toHaveLength(1);
    expect(runtime.loaded()[0]?.active).toBe(3);
    const answers = await Promise.all(leases.map((lease, i) => write(lease, `hello ${i} 😀`)));
    expect(answers.map(({ text }) => text)).toEqual(["hello 0 😀", "hello 1 😀", "hello 2 😀"]);
    for (const lease of leases) lease[Symbol.dispose]();
    expect(runtime.loaded()[0]?.active).toBe(0);
  });

  test("a load does not hold up another model", async () => {
    const runtime = start();
    const slow = runtime.acquire(ask("slow"));
    const quick = await runtime.acquire(ask("quick"));
    expect(runtime.loaded().find(({ model }) => model.name.model === "slow")?.info).toBeUndefined();
    expect((await write(quick, "hi")).text).toBe("hi");
    quick[Symbol.dispose]();
    (await slow)[Symbol.dispose]();
  });

  test("a model that is refused fails with the child's words, every time", async () => {
    const runtime = start();
    for (let i = 0; i < 5; i++) {
      await expect(runtime.acquire(ask("refuse"))).rejects.toMatchObject({ status: 400, message: "this file is no model" });
    }
    expect(runtime.loaded()).toEqual([]);
  });

  test("a model that always dies is refused after a while, with its reason", async () => {
    const runtime = start();
    const message = /exit status 7.*no such tensor/;
    for (let i = 0; i < 4; i++)
      await expect(runtime.acquire(ask("die-loading"))).rejects.toMatchObject({
        status: 500,
        message: expect.stringMatching(message),
      });
    await expect(runtime.acquire(ask("die-loading"))).rejects.toThrow(
      /stopped 4 times in a row; it will be tried again in \d+ s.*no such tensor/,
    );
    await expect(runtime.acquire(ask("other"))).resolves.toBeDefined();
  });

  test("silence ends a load", async () => {
    const runtime = start({ OLLAMA_LOAD_TIMEOUT: "300ms" });
    await expect(runtime.acquire(ask("silent"))).rejects.toThrow("timed out waiting for the model runner to start");
    expect(runtime.loaded()).toEqual([]);
  });
});

describe("waiting", () => {
  test("the queue is bounded, and who leaves makes room", async () => {
    const runtime = start({ OLLAMA_MAX_QUEUE: "2" });
    const leaver = new AbortController();
    const first = runtime.acquire(ask("slow", { signal: leaver.signal }));
    const second = runtime.acquire(ask("slow"));
    await expect(runtime.acquire(ask("slow"))).rejects.toMatchObject({
      status: 503,
      message: "server busy, please try again.  maximum pending requests exceeded",
    });
    leaver.abort();
    await expect(first).rejects.toMatchObject({ status: 499, message: "request canceled" });
    expect(runtime.waiting).toBe(1);
    await expect(second).resolves.toBeDefined();
  });

  test("an aborted answer ends with cancel", async () => {
    const runtime = start();
    const lease = await runtime.acquire(ask("m"));
    const control = new AbortController();
    const answer = write(lease, "forever", control.signal);
    setTimeout(() => control.abort(), 50);
    expect((await answer).reason).toBe("cancel");
    expect((await lease.stats()).activeSequences).toBe(0);
  });

  test("a reader that walks away cancels too", async () => {
    const runtime = start();
    const lease = await runtime.acquire(ask("m"));
    for await (const event of lease.generate(request([..."forever"].map((c) => c.codePointAt(0) ?? 0)), {
      signal: new AbortController().signal,
    })) {
      if (event.count > 3) break;
    }
    for (;;) if ((await lease.stats()).activeSequences === 0) break;
  });
});

describe("keep-alive", () => {
  test("runs from the end of a request, and a request replaces it", async () => {
    const runtime = start({ OLLAMA_KEEP_ALIVE: "1h" });
    const lease = await runtime.acquire(ask("m"));
    expect(runtime.loaded()[0]?.expiresAt.getTime()).toBeGreaterThan(Date.now() + 3_500_000);
    lease[Symbol.dispose]();
    const again = await runtime.acquire(ask("m", { keepAliveMs: 30 }));
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect(runtime.loaded()).toHaveLength(1);
    again[Symbol.dispose]();
    expect(runtime.loaded()).toHaveLength(1);
    await until(() => runtime.loaded().length === 0);
  });

  test("0 unloads right after", async () => {
    const runtime = start();
    (await runtime.acquire(ask("m", { keepAliveMs: 0 })))[Symbol.dispose]();
    expect(runtime.loaded()).toEqual([]);
  });

  test("for ever is centuries", async () => {
    const runtime = start({ OLLAMA_KEEP_ALIVE: "-1" });
    (await runtime.acquire(ask("m")))[Symbol.dispose]();
    expect(runtime.loaded()[0]?.expiresAt.getUTCFullYear()).toBeGreaterThan(2300);
  });

  test("unload waits for those who hold the model", async () => {
    const runtime = start();
    const lease = await runtime.acquire(ask("m"));
    let gone = false;
    const unloading = runtime.unload(fakeModel("m")).then((was) => {
      gone = true;
      return was;
    });
    expect((await write(lease, "still here")).text).toBe("still here");
    expect(gone).toBe(false);
    lease[Symbol.dispose]();
    expect(await unloading).toBe(true);
    expect(await runtime.unload(fakeModel("m"))).toBe(false);
  });
});

describe("size and form", () => {
  test("a smaller context never reloads, a larger one resizes, another form reloads", async () => {
    const runtime = start();
    const pids = new Set<number | undefined>();
    const hold = async (extra: Extra) => {
      using lease = await runtime.acquire(ask("m", extra));
      pids.add(processes()[0]);
      return [lease.contextLength, lease.info.shape.cells];
    };
    expect(await hold({ numCtx: 100 })).toEqual([100, 400]);
    expect(await hold({ numCtx: 50 })).toEqual([50, 400]);
    expect(await hold({ numCtx: 300 })).toEqual([300, 400]);
    expect(await hold({ numCtx: 1000 })).toEqual([1000, 4000]);
    expect(runtime.loaded()[0]?.contextLength).toBe(1000);
    expect(await hold({ numCtx: 100, numGpu: 0 })).toEqual([100, 400]);
  });

  test("a resize waits until nobody answers", async () => {
    const runtime = start();
    const lease = await runtime.acquire(ask("m"));
    const larger = runtime.acquire(ask("m", { numCtx: 1000 }));
    expect((await write(lease, "undisturbed")).text).toBe("undisturbed");
    expect(lease.info.shape.cells).toBe(400);
    lease[Symbol.dispose]();
    expect((await larger).info.shape.cells).toBe(4000);
  });
});

describe("room", () => {
  test("the least recently used idle model goes when too many are loaded", async () => {
    const runtime = start({ OLLAMA_MAX_LOADED_MODELS: "2" });
    for (const name of ["a", "b", "a"]) {
      (await runtime.acquire(ask(name)))[Symbol.dispose]();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    (await runtime.acquire(ask("c")))[Symbol.dispose]();
    expect(names(runtime)).toEqual(["a", "c"]);
  });

  test("with everybody busy, the newcomer waits for the first to finish", async () => {
    const runtime = start({ OLLAMA_MAX_LOADED_MODELS: "1" });
    const lease = await runtime.acquire(ask("a"));
    const other = runtime.acquire(ask("b"));
    expect(runtime.waiting).toBe(1);
    lease[Symbol.dispose]();
    (await other)[Symbol.dispose]();
    expect(names(runtime)).toEqual(["b"]);
  });

  test("memory: idle models go first; what never fits is refused in a sentence", async () => {
    let free = 2;
    const plan = ({ numCtx }: MemoryQuestion): MemoryPlan => {
      const short = Math.max(0, names(runtime).length + 1 - free) * 500;
      return {
        ...roomy,
        numCtx,
        shortBytes: short,
        problem: "model requires more system memory (9 GiB) than is available (1 GiB)",
      };
    };
    const runtime: Scheduler = start({ OLLAMA_MAX_LOADED_MODELS: "9" }, plan);
    for (const name of ["a", "b", "c"]) (await runtime.acquire(ask(name)))[Symbol.dispose]();
    expect(names(runtime)).toEqual(["b", "c"]);
    free = 0;
    await expect(runtime.acquire(ask("d"))).rejects.toThrow(
      "model requires more system memory (9 GiB) than is available (1 GiB)",
    );
  });
});

describe("deaths", () => {
  test("each request of a child that dies gets an error, and the next request gets a new child", async () => {
    const runtime = start();
    const lease = await runtime.acquire(ask("m"));
    const answers = await Promise.allSettled([write(lease, "forever"), write(lease, "die now"), write(lease, "forever")]);
    for (const answer of answers) {
      expect(answer.status === "rejected" && answer.reason.message).toMatch(
        /^model runner has unexpectedly stopped, .*signal: SIGKILL: error: asked to die$/,
      );
    }
    lease[Symbol.dispose]();
    using next = await runtime.acquire(ask("m"));
    expect((await write(next, "well")).text).toBe("well");
  });

  test("nothing is left of a runtime that was closed", async () => {
    const runtime = start();
    runtime.prepare();
    await runtime.acquire(ask("a"));
    void runtime.acquire(ask("slow")).catch(() => {});
    await runtime.close();
    expect(processes()).toEqual([]);
    await expect(runtime.acquire(ask("a"))).rejects.toThrow("shutting down");
  });
});

function names(runtime: Scheduler): string[] {
  return runtime
    .loaded()
    .map(({ model }) => model.name.model)
    .sort();
}

/** Children of this process, as Linux tells. */
function processes(): number[] {
  try {
    return readdirSync(`/proc/${process.pid}/task`)
      .flatMap((task) => readdirChildren(task))
      .filter((pid) => pid > 0);
  } catch {
    return [];
  }
}

function readdirChildren(task: string): number[] {
  return readFileSync(`/proc/${process.pid}/task/${task}/children`, "utf8").trim().split(/\s+/).map(Number);
}
