/** A look at a Git repository: what has another object than before is imported, so that a renamed file is read anew nowhere. */
import { readdir } from "node:fs/promises";
import path from "node:path";
import { Ignores, isUnread } from "../../ignore.ts";
import type { Source } from "../rows/sources.ts";
import type { Git, Repository } from "./git.ts";
import type { Before, Look } from "./sighting.ts";

const IGNORE_FILE = ".punaignore";
const IGNORE_BYTES = 1 << 20;

export function repositoryOf(home: string, { id, location, options }: Pick<Source, "id" | "location" | "options">): Repository {
  return { folder: path.join(home, "knowledge", "git", String(id)), url: location, trusted: options.trusted === true };
}

/** The folders of all that was ever fetched and is still here. */
export async function keptRepositories(home: string): Promise<string[]> {
  const all = path.join(home, "knowledge", "git");
  return (await readdir(all).catch(() => [])).map((name) => path.join(all, name));
}

export async function* lookAtRepository(source: Source, before: Before, { git, home }: { git: Git; home: string }): Look {
  const { branch, folder = "" } = source.options;
  const repository = repositoryOf(home, source);
  const { signal } = before;
  const { commit, date } = await git.fetch(repository, branch, signal);
  const within = folder.replace(/^\/+|\/+$/g, "");
  const files = await git.list(repository, within, signal);
  let ignores = new Ignores();
  for (const file of files.filter(({ path: name }) => path.posix.basename(name) === IGNORE_FILE)) {
    if (file.size > IGNORE_BYTES) continue;
    ignores = ignores.with(foldersOf(file.path), (await git.read(repository, file.oid, signal)).toString("utf8"));
  }
  for (const { path: name, oid, size } of files) {
    signal.throwIfAborted();
    if (isHidden(name) || isUnread(name) || isIgnored(ignores, name)) continue;
    const place = placeOf(source.location, branch ?? "HEAD", name);
    const known = before.finds.get(place);
    if (known?.oid === oid && !before.again.has(place)) yield { kind: "unchanged", place };
    else {
      const item = { kind: "git", source: source.id, oid, size, name: path.posix.basename(name), modifiedAt: date };
      yield { kind: "import", change: known ? "changed" : "added", find: { place, stamp: { oid, commit } }, item };
    }
  }
  await git.tidy(repository, signal);
  return { isGone: () => true };
}

/** Where a reader finds the file, in the way of the large hosts; elsewhere the repository and the path. */
export function placeOf(url: string, branch: string, name: string): string {
  const plain = url.replace(/\/+$/, "").replace(/\.git$/, "");
  const host = URL.canParse(plain) ? new URL(plain).hostname : "";
  const file = name.split("/").map(encodeURIComponent).join("/");
  if (host === "github.com") return `${plain}/blob/${branch}/${file}`;
  if (host === "gitlab.com" || host.startsWith("gitlab.")) return `${plain}/-/blob/${branch}/${file}`;
  if (host === "codeberg.org" || host === "gitea.com") return `${plain}/src/branch/${branch}/${file}`;
  return `${url.replace(/\/+$/, "")}@${name}`;
}

function foldersOf(name: string): string[] {
  return name.split("/").slice(0, -1);
}

function isHidden(name: string): boolean {
  return name.split("/").some((part) => part.startsWith("."));
}

/** Also when a folder above it is. */
function isIgnored(ignores: Ignores, name: string): boolean {
  const parts = name.split("/");
  return parts.some((_, at) => ignores.has(parts.slice(0, at + 1), at < parts.length - 1));
}
