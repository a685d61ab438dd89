/** The Range header of a request (RFC 9110), for one range. */

export interface Span {
  /** First and last byte. */
  first: number;
  last: number;
}

/** Undefined: the whole file, for want of a range or because this one means nothing here. "unsatisfiable": beyond the end. */
export function parseRange(header: string | undefined, sizeBytes: number): Span | "unsatisfiable" | undefined {
  const [, from = "", to = ""] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec((header ?? "").replace(/\s/g, "")) ?? [];
  if (from === "" && to === "") return undefined;
  if (from === "") {
    const length = Math.min(Number(to), sizeBytes);
    return length === 0 ? "unsatisfiable" : { first: sizeBytes - length, last: sizeBytes - 1 };
  }
  const first = Number(from);
  const last = to === "" ? sizeBytes - 1 : Math.min(Number(to), sizeBytes - 1);
  if (to !== "" && Number(to) < first) return undefined;
  return first >= sizeBytes ? "unsatisfiable" : { first, last };
}
