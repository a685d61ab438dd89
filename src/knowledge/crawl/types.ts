/** What a crawl is asked, and what it sees. */

export interface Site {
  url: string;
  /** Links away from the start; 0 is the start alone. */
  depth: number;
  /** Pages that are fetched at most. */
  pages: number;
  /** Paths that belong to it; by default the folder of the start. */
  prefix?: string | undefined;
  /** Also the pages of its sitemaps, or of this one. */
  sitemap?: boolean | string | undefined;
}

/** What an earlier look knows of a page, so that the server need not send it again. */
export interface KnownPage {
  etag?: string | undefined;
  lastModified?: string | undefined;
  /** In hex. */
  sha256: string;
  /** A page that was not sent again still leads on. */
  links: string[];
}

export type Visited =
  | {
      kind: "page";
      url: string;
      page: KnownPage;
      bytes: Uint8Array;
      name: string;
      contentType: string | undefined;
      modifiedAt: number | undefined;
    }
  /** As it was; `page` where the server now says it in other words. */
  | { kind: "unchanged"; url: string; page?: KnownPage }
  /** Cannot be read at the moment. */
  | { kind: "failed"; url: string; reason: string; code: string | undefined }
  /** Was there, and is not any more; or does not want to be found. */
  | { kind: "gone"; url: string; reason: string };
