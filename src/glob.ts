/** Patterns of ignore files against names and paths. Time is bounded by the product of both lengths, whatever the pattern is. */

/** `*`, `?`, `[a-z]` and `\` within one name. */
export function matchesName(pattern: string, name: string): boolean {
  let [p, n, star, mark] = [0, 0, -1, 0];
  while (n < name.length) {
    const token = p < pattern.length ? tokenAt(pattern, p) : undefined;
    if (pattern[p] === "*") {
      star = p++;
      mark = n;
    } else if (token?.matches(name.charAt(n))) {
      p = token.next;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++mark;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** Names one by one, where `**` is any number of them. */
export function matchesPath(pattern: readonly string[], path: readonly string[]): boolean {
  let [p, n, star, mark] = [0, 0, -1, 0];
  while (n < path.length) {
    const part = pattern[p];
    if (part === "**") {
      star = p++;
      mark = n;
    } else if (part !== undefined && matchesName(part, path[n] ?? "")) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++mark;
    } else return false;
  }
  while (pattern[p] === "**") p++;
  return p === pattern.length;
}

interface Token {
  next: number;
  matches: (character: string) => boolean;
}

function tokenAt(pattern: string, at: number): Token {
  const character = pattern.charAt(at);
  if (character === "?") return { next: at + 1, matches: () => true };
  if (character === "\\" && at + 1 < pattern.length) {
    return { next: at + 2, matches: (other) => other === pattern.charAt(at + 1) };
  }
  const end = character === "[" ? pattern.indexOf("]", at + 2) : -1;
  if (end < 0) return { next: at + 1, matches: (other) => other === character };
  const set = pattern.slice(at + 1, end);
  const isNegated = /^[!^]/.test(set);
  const isIn = inSet(isNegated ? set.slice(1) : set);
  return { next: end + 1, matches: (other) => isIn(other) !== isNegated };
}

function inSet(set: string): (character: string) => boolean {
  const ranges: [string, string][] = [];
  for (let at = 0; at < set.length; at++) {
    const isRange = set[at + 1] === "-" && at + 2 < set.length;
    ranges.push([set.charAt(at), set.charAt(isRange ? at + 2 : at)]);
    if (isRange) at += 2;
  }
  return (character) => ranges.some(([from, to]) => character >= from && character <= to);
}
