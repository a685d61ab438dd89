/** Readers of what sources give to an import: a page, a file of a folder, a file of a repository. */
import path from "node:path";
import { NotFound, PunaError } from "../../errors.ts";
import type { Web } from "../../net/web.ts";
import { nameOfPage, pageAddress } from "../crawl/address.ts";
import { type ReadSource, readWhole } from "../import/read.ts";
import { PARSE_LIMITS } from "../parse/limits.ts";
import { Unreadable } from "../types.ts";
import type { Git } from "./git.ts";
import { repositoryOf } from "./repository.ts";
import { isWithin } from "./walk.ts";

export function sourceReaders({ web, git, home }: { web: Web; git: Git; home: string }): Record<string, ReadSource> {
  return {
    /** One page that somebody named: as a reader would open it, without asking robots.txt. */
    async url(source, { signal }) {
      const { url: text, selector } = source as { url?: unknown; selector?: string };
      const url = pageAddress(String(text));
      if (!url) throw new PunaError(400, `${JSON.stringify(text)} is no address of a web page`, { code: "bad_url" });
      const { url: at, status, headers, body } = await web.get(url, { signal });
      if (!body) throw new PunaError(502, `${url.href} cannot be read: the server answered ${status}`, { code: "http_status" });
      const date = Date.parse(headers["last-modified"] ?? "");
      return {
        bytes: body,
        name: nameOfPage(pageAddress(at.href) ?? url),
        contentType: headers["content-type"],
        modifiedAt: Number.isNaN(date) ? undefined : date,
        selector,
      };
    },
    /** A file that was in the folder must be so still: it could have become a link. */
    async "folder-file"(source) {
      const { path: file, root } = source as { path?: unknown; root?: unknown };
      const name = path.basename(String(file));
      const isInside = await isWithin(String(root), String(file)).catch(() => undefined);
      if (isInside === false) throw new NotFound(`${name} leads out of its folder`, { code: "outside" });
      return { ...(await readWhole(String(file), name)), name };
    },
    async git(source, { signal }) {
      const { source: id, oid, name, size, modifiedAt } = source as Record<string, unknown>;
      if (Number(size) > PARSE_LIMITS.bytes)
        throw new Unreadable(
          "too-large",
          `${name} has ${Math.ceil(Number(size) / (1 << 20))} MB; ${PARSE_LIMITS.bytes >> 20} MB is the limit`,
        );
      const repository = repositoryOf(home, { id: Number(id), location: "", options: {} });
      const bytes = await git.read(repository, String(oid), signal);
      if (bytes.subarray(0, 42).toString("latin1") === "version https://git-lfs.github.com/spec/v1") {
        throw new Unreadable("unsupported", `${name} is kept in Git LFS, and the repository holds only a pointer to it`);
      }
      return { bytes, name: String(name), modifiedAt: Number(modifiedAt) };
    },
  };
}
