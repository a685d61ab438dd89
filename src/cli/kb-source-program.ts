/** `puna kb watch`, `sync` and `unwatch`: their arguments and their help. */
import type { Command } from "commander";
import type { Context } from "./context.ts";

/** `verb` makes a command of `puna kb`. */
export function addSourceCommands(
  verb: (usage: string, description: string) => Command,
  withServer: () => Promise<Context>,
): void {
  verb("watch <base> [source]", "Keep up with a folder, a web page, a site or a Git repository; without one, list them")
    .option("--every <time>", "Look again after this time, such as 30m, 6h or 1d (default: folders when they change)")
    .option("--site", "Web: the pages below this one as well")
    .option("--depth <number>", "Site: links away from the start (default: 3)")
    .option("--pages <number>", "Site: pages at most (default: 200)")
    .option("--prefix <path>", "Site: paths that belong to it (default: the folder of the start)")
    .option("--sitemap [address]", "Site: also the pages of its sitemaps, or of this one")
    .option("--selector <css>", "Web: only this part of each page")
    .option("--git", "A Git repository, where its address does not say so")
    .option("--branch <name>", "Git: this branch (default: the one the repository names)")
    .option("--folder <path>", "Git: only this folder of it")
    .option("--no-wait", "Do not wait until all is read")
    .option("--json", "As JSON")
    .action(async (base: string, source: string | undefined, flags) => {
      const { watch } = await import("./commands/kb/watch.ts");
      await watch(await withServer(), base, source, flags);
    });
  verb("sync <base> [source]", "Look now at what is watched, or at one of it")
    .option("--again", "Also at what failed before, though it has not changed")
    .option("--no-wait", "Do not wait until all is read")
    .option("--json", "As JSON")
    .action(async (base: string, source: string | undefined, flags) => {
      const { sync } = await import("./commands/kb/sync.ts");
      await sync(await withServer(), base, source, flags);
    });
  verb("unwatch <base> <source>", "Watch a source no more; its documents stay")
    .option("--documents", "Remove its documents as well")
    .action(async (base: string, source: string, flags) => {
      const { unwatch } = await import("./commands/kb/unwatch.ts");
      await unwatch(await withServer(), base, source, flags);
    });
}
