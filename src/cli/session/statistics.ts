/** The lines of `--verbose`. */
import { formatDuration } from "../../duration.ts";
import type { Metrics } from "../wire.ts";

const NS_PER_MS = 1e6;
const NS_PER_SECOND = 1e9;

/** What the server measured; lines about nothing are left out. */
export function statistics(metrics: Metrics): string {
  const { total_duration: total, load_duration: load } = metrics;
  return [
    duration("total duration:       ", total),
    duration("load duration:        ", load),
    phase("prompt eval ", metrics.prompt_eval_count, metrics.prompt_eval_duration),
    phase("eval ", metrics.eval_count, metrics.eval_duration),
  ].join("");
}

function duration(label: string, ns: number | undefined): string {
  return ns ? `${label}${formatDuration(ns / NS_PER_MS)}\n` : "";
}

function phase(name: string, count: number | undefined, ns: number | undefined): string {
  const label = (text: string) => `${name}${text}:`.padEnd(22);
  const rate = count && ns ? `${label("rate")}${(count / (ns / NS_PER_SECOND)).toFixed(2)} tokens/s\n` : "";
  return `${count ? `${label("count")}${count} token(s)\n` : ""}${duration(label("duration"), ns)}${rate}`;
}
