/** robots.txt as RFC 9309 reads it, with Crawl-delay and Sitemap besides. */

export interface Robots {
  /** Whether this may be fetched: path and query. */
  allows(path: string): boolean;
  /** Seconds between two requests, as the site wants it. */
  delay: number | undefined;
  sitemaps: string[];
}

interface Rule {
  pattern: string;
  isAllowed: boolean;
}

interface Group {
  agents: string[];
  rules: Rule[];
  delay: number | undefined;
}

const MOST_RULES = 5_000;
/** RFC 9309 wants at least 500 KiB to be read. */
export const ROBOTS_BYTES = 512 << 10;

export const EVERYTHING_ALLOWED: Robots = { allows: () => true, delay: undefined, sitemaps: [] };
export const NOTHING_ALLOWED: Robots = { allows: () => false, delay: undefined, sitemaps: [] };

/** `agent` is a product token such as "puna". */
export function parseRobots(text: string, agent: string): Robots {
  const { groups, sitemaps } = readGroups(text);
  const named = groups.filter(({ agents }) => agents.includes(agent.toLowerCase()));
  // All groups of one agent count together; those for all only where none names it.
  const ours = named.length > 0 ? named : groups.filter(({ agents }) => agents.includes("*"));
  const rules = ours.flatMap((group) => group.rules).map((rule) => ({ ...rule, pattern: normalised(rule.pattern) }));
  // The most specific rule first, and of two alike the one that allows.
  rules.sort((a, b) => b.pattern.length - a.pattern.length || Number(b.isAllowed) - Number(a.isAllowed));
  return {
    allows(path) {
      const wanted = normalised(path);
      return rules.find(({ pattern }) => matches(pattern, wanted))?.isAllowed ?? true;
    },
    delay: ours.find(({ delay }) => delay !== undefined)?.delay,
    sitemaps,
  };
}

function readGroups(text: string): { groups: Group[]; sitemaps: string[] } {
  const groups: Group[] = [];
  const sitemaps: string[] = [];
  let group: Group | undefined;
  let isNaming = false;
  let count = 0;
  for (const line of text.replace(/^\uFEFF/, "").split(/\r\n?|\n/)) {
    const [, key = "", value = ""] = /^\s*([A-Za-z-]+)\s*:\s*(.*?)\s*$/.exec(line.replace(/#.*$/, "")) ?? [];
    switch (key.toLowerCase()) {
      case "user-agent": {
        if (!group || !isNaming) {
          group = { agents: [], rules: [], delay: undefined };
          groups.push(group);
        }
        isNaming = true;
        // Some write a version behind the name.
        group.agents.push(value.toLowerCase().replace(/[/\s].*$/, ""));
        break;
      }
      case "allow":
      case "disallow":
        isNaming = false;
        // An empty rule says nothing.
        if (group && value !== "" && count++ < MOST_RULES) {
          group.rules.push({ pattern: value, isAllowed: key.toLowerCase() === "allow" });
        }
        break;
      case "crawl-delay":
        isNaming = false;
        if (group && /^\d+(?:\.\d+)?$/.test(value)) group.delay = Number(value);
        break;
      case "sitemap":
        sitemaps.push(value);
        break;
    }
  }
  return { groups, sitemaps };
}

/** `*` is anything, `$` at the end is the end. Without tries that could take for ever. */
function matches(pattern: string, path: string): boolean {
  const isWhole = pattern.endsWith("$");
  const [first = "", ...parts] = (isWhole ? pattern.slice(0, -1) : pattern).split("*");
  if (!path.startsWith(first)) return false;
  let at = first.length;
  const last = isWhole ? parts.pop() : undefined;
  for (const part of parts) {
    const found = path.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  if (!isWhole) return true;
  return last === undefined ? at === path.length : path.length - last.length >= at && path.endsWith(last);
}

/** Both sides in one spelling: what need not be escaped is not, and escapes are in upper case. */
function normalised(path: string): string {
  return path
    .replace(/%[0-9a-f]{2}/gi, (code) => {
      const character = String.fromCharCode(Number.parseInt(code.slice(1), 16));
      return /[A-Za-z0-9._~-]/.test(character) ? character : code.toUpperCase();
    })
    .replace(/[^\x21-\x7e]+/g, (text) => [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase()}`).join(""));
}
