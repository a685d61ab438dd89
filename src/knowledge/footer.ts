/** Places as text, for clients that show an answer's text and nothing else. */
import type { Citation } from "./cite/citation.ts";
import type { Phrases } from "./prompt/phrases.ts";
import type { Turn } from "./prompt.ts";
import type { Hit } from "./sources.ts";

const RULE = "\n\n---\n";
const LONGEST_QUOTE = 160;
const MOST_MISSES = 3;

/** Each place once, in the order of the numbers. Empty without citations. */
export function sourcesFooter(citations: readonly Citation[], phrases: Phrases): string {
  const places = new Map<string, Citation>();
  for (const citation of citations) {
    const key = `${citation.number} ${citation.start} ${citation.end}`;
    if (!places.has(key)) places.set(key, citation);
  }
  if (places.size === 0) return "";
  const lines = [...places.values()]
    .sort((a, b) => a.number - b.number || a.start - b.start)
    .map(
      ({ number, document, page, text }) => `[${number}] ${phrases.place(document, page)}: ${phrases.quoted(shortened(text))}`,
    );
  return `${RULE}${phrases.sources}\n\n${lines.join("\n\n")}`;
}

/** What came nearest to a question that was refused. */
export function missesFooter(hits: readonly Hit[], title: string, phrases: Phrases): string {
  const nearest = hits.filter(({ score }) => score > 0).slice(0, MOST_MISSES);
  if (nearest.length === 0) return "";
  const lines = nearest.map(
    ({ document, page, score, text }) =>
      `- ${phrases.place(document, page)} (${Math.round(score)}): ${phrases.quoted(shortened(text))}`,
  );
  return `${RULE}${title}\n\n${lines.join("\n")}`;
}

/** An earlier answer as the model wrote it: without places, and without numbers that mean other sources now. */
export function withoutPlaces({ role, content }: Turn): Turn {
  if (role !== "assistant") return { role, content };
  const [answer = ""] = content.split(RULE);
  return { role, content: answer.replace(/ ?(?:\[\d{1,3}\])+/g, "").trim() };
}

function shortened(text: string): string {
  const line = text.replace(/\s+/g, " ").trim();
  const characters = [...line];
  return characters.length <= LONGEST_QUOTE ? line : `${characters.slice(0, LONGEST_QUOTE).join("").trimEnd()}…`;
}
