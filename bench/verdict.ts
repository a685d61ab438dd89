/** When a run fails: only for what noise cannot explain. */
import type { Row } from "./bench.ts";
import type { Options } from "./options.ts";

/** Wide, since short runs on shared machines scatter; a real fault (no batching, a lost thread pool) is far below. */
const LEAST_RATIO = 0.85;
/** CPU seconds a token hardly depend on neighbours, so this one is the signal for slow drift. */
const MOST_CPU = 1.4;

/** The full run reports and never fails. The quick one fails when every undisturbed pair says so. */
export function verdictOf(rows: readonly Row[], options: Options): { text: string; code: 0 | 1 } {
  if (!options.quick) return { text: summaryOf(rows), code: 0 };
  const slow = rows.filter((row) => row.valid && row.ratio && row.ratio.max < LEAST_RATIO);
  const costly = rows.filter((row) => row.valid && row.other?.name === "raw loop" && row.cpuRatio && row.cpuRatio.min > MOST_CPU);
  if (slow.length + costly.length === 0) {
    const disturbed = rows.filter((row) => !row.valid).length;
    return {
      text: disturbed > 0 ? `passed; ${disturbed} of ${rows.length} rows were disturbed and say nothing` : "passed",
      code: 0,
    };
  }
  const names = (list: readonly Row[]) => list.map((row) => `${row.scenario} ${row.what}`).join(", ");
  const parts = [
    slow.length > 0 ? `below ${LEAST_RATIO} in every pair: ${names(slow)}` : "",
    costly.length > 0 ? `CPU a token above ${MOST_CPU} of the raw loop: ${names(costly)}` : "",
  ];
  return { text: `FAILED: ${parts.filter(Boolean).join("; ")}`, code: 1 };
}

function summaryOf(rows: readonly Row[]): string {
  const promises = rows.filter((row) => row.promise);
  const missed = promises.filter((row) => row.valid && !row.promise?.met);
  const open = promises.filter((row) => !row.valid).length;
  const parts = [
    missed.length > 0
      ? `promises missed: ${missed.map((row) => `${row.scenario} (${row.what})`).join(", ")}`
      : "no promise is missed",
    open > 0 ? `${open} of ${promises.length} were disturbed and are open` : "",
  ];
  return parts.filter(Boolean).join("; ");
}
