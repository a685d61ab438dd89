/** Waits for looks at sources, and says what they found. */
import { Canceled, Failed } from "../../errors.ts";
import type { Context } from "../context.ts";
import { interruptible } from "../interruptible.ts";
import { Progress } from "../terminal/progress.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { visible } from "../terminal/visible.ts";
import type { LookReply, SourceReply } from "./source-wire.ts";

const SIGNS = { added: "+", changed: "~", removed: "-", failed: "!" } as const;

/** Resolves when none of them is looked at any more. Throws Canceled on Ctrl-C: the looks go on. */
export async function followLooks(
  { client, terminal }: Pick<Context, "client" | "terminal">,
  base: string,
  ids: readonly number[],
): Promise<SourceReply[]> {
  const progress = new Progress(terminal);
  try {
    return await interruptible(async (signal) => {
      const ended: SourceReply[] = [];
      for (const id of ids) {
        let last: SourceReply | undefined;
        for await (const { source } of client.knowledge.sourceEvents(base, id, { signal })) {
          last = source;
          if (source.state !== "idle") progress.spin(String(id), statusOf(source));
        }
        if (last?.state !== "idle")
          throw new Failed("the server left before the look ended: it goes on when it is started again");
        ended.push(last);
      }
      return ended;
    });
  } catch (error) {
    if (error instanceof Canceled)
      throw new Canceled(`the look goes on without you: 'puna kb watch ${base}' shows it`, { cause: error });
    throw error;
  } finally {
    progress.clear();
  }
}

/** What changed, thing by thing, then in numbers. Throws Failed when a look could not be done, or something could not be read. */
export function concludeLooks(
  sources: readonly SourceReply[],
  { json }: { json?: boolean | undefined },
  terminal: Terminal,
): void {
  if (json) terminal.out(`${JSON.stringify(sources)}\n`);
  for (const { location, result } of json ? [] : sources) {
    if (!result || result.error !== null) continue;
    for (const { place, change, reason } of result.changes)
      terminal.err(`  ${SIGNS[change]} ${visible(reason === null ? place : `${place}: ${reason}`)}\n`);
    const total = result.added + result.changed + result.removed + result.failed;
    if (total > result.changes.length) terminal.err(`  and ${total - result.changes.length} more\n`);
    terminal.out(`${visible(location)}: ${inNumbers(result)}\n`);
  }
  const undone = sources.flatMap(({ location, result }) => (result?.error ? [`${location}: ${result.error}`] : []));
  if (undone.length > 0) throw new Failed(visible(undone.join("; ")));
  const failed = sources.reduce((sum, { result }) => sum + (result?.failed ?? 0), 0);
  if (failed > 0) throw new Failed(`${failed} could not be read; the rest is in ('puna kb sync --again' tries once more)`);
}

/** `3 added, 2 changed, 1 removed, 240 unchanged`. */
export function inNumbers({ added, changed, removed, unchanged, failed }: LookReply): string {
  const parts = Object.entries({ added, changed, removed, unchanged, failed }).filter(([, count]) => count > 0);
  return parts.length === 0 ? "nothing there" : parts.map(([word, count]) => `${count} ${word}`).join(", ");
}

function statusOf({ state, location, progress }: SourceReply): string {
  if (state === "waiting") return visible(`waiting to look at ${location}`);
  const doing = progress && progress.jobs.length > 0 ? "reading" : "looking at";
  return visible(`${doing} ${location}: ${progress?.seen ?? 0} seen`);
}
