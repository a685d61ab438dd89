/** What a look at a source sees, one thing after another. */
import type { ItemSource } from "../rows/jobs.ts";
import type { Find } from "../rows/sources.ts";

export type Sighting =
  | { kind: "import"; change: "added" | "changed"; find: Find; item: ItemSource }
  /** `find` is there when its stamp has moved. */
  | { kind: "unchanged"; place: string; find?: Find }
  /** Cannot be read at the moment: what the base has of it stays. */
  | { kind: "failed"; place: string; reason: string; code?: string | undefined }
  | { kind: "gone"; place: string };

/** At the end: which of the places that were not seen are not there any more. */
interface LookEnd {
  isGone: (place: string) => boolean;
  /** Folders whose changes are worth a look. */
  folders?: string[];
}

export type Look = AsyncGenerator<Sighting, LookEnd>;

/** What is known of a source before the look. */
export interface Before {
  finds: ReadonlyMap<string, Find["stamp"]>;
  /** SHA-256 in hex of what the base has of a place. */
  hashOf: (place: string) => string | undefined;
  /** To be imported again, changed or not. */
  again: ReadonlySet<string>;
  signal: AbortSignal;
}
