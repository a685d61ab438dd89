/** What was measured, as Markdown. */
import type { Asked, Best, Measured } from "./measure.ts";
import { areaUnder, ranksOf, shareAtLeast } from "./ranks.ts";

const THRESHOLDS = [20, 30, 40, 45, 50, 55, 60, 70, 80];
/** Refusing so many of the questions whose article is gone ... */
const REFUSED = 0.85;

export function ranksTable(all: readonly Measured[]): string {
  const rows = all.flatMap(({ set, passages, asked }) =>
    (["words", "meaning", "both"] as const).map((leg) => {
      const { questions, r1, r5, mrr } = ranksOf(asked.map(({ rank }) => rank[leg]));
      const what = { words: "words", meaning: set.embedder, both: `words + ${set.embedder}` }[leg];
      const held = leg === "both" ? fixed(asked.filter(({ holdsAnswer }) => holdsAnswer).length / questions) : "";
      return [set.name, `${questions}`, `${set.paragraphs.length}`, `${passages}`, what, fixed(r1), fixed(r5), fixed(mrr), held];
    }),
  );
  return table(
    ["set", "questions", "paragraphs", "passages", "searched by", "R@1", "R@5", "MRR", "answer in the first 5 passages"],
    rows,
  );
}

/** Shares of questions that get an answer, with their article there, and refusals, with it gone, at each threshold. */
export function refusalTable(all: readonly Measured[]): string {
  const rows = all.flatMap(({ set, asked }) =>
    (["words", "both"] as const).map((leg) => {
      const present = scores(asked, "present", leg);
      const absent = scores(asked, "absent", leg);
      const cells = THRESHOLDS.map(
        (threshold) => `${percent(1 - shareAtLeast(absent, threshold))} / ${percent(shareAtLeast(present, threshold))}`,
      );
      return [set.name, leg === "words" ? "words" : `words + ${set.embedder}`, ...cells, fixed(areaUnder(present, absent))];
    }),
  );
  return table(["set", "scored by", ...THRESHOLDS.map(String), "area"], rows);
}

/** The most that any threshold gives: answered with the article there, while so many are refused without it. */
export function bestOf({ asked }: Measured, leg: keyof Best): number {
  const absent = scores(asked, "absent", leg).sort((a, b) => a - b);
  const threshold = (absent[Math.ceil(absent.length * REFUSED) - 1] ?? 0) + 1e-9;
  return shareAtLeast(scores(asked, "present", leg), threshold);
}

function scores(asked: readonly Asked[], when: "present" | "absent", leg: keyof Best): number[] {
  return asked.map((one) => one[when][leg]);
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function fixed(share: number): string {
  return share.toFixed(3);
}

export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
