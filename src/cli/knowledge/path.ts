/** Paths of `/puna/knowledge`. */

export const ROOT = "/puna/knowledge";

/** Below one base. */
export function at(base: string, ...parts: (string | number)[]): string {
  return [ROOT, ...[base, ...parts].map((part) => encodeURIComponent(part))].join("/");
}
