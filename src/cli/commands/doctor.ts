/** `puna doctor`: what Puna finds on this machine, what is wrong and how to mend it. */
import type { Context } from "../context.ts";
import { examine } from "../doctor/examine.ts";
import { renderReport } from "../doctor/report.ts";

/** Exit code 1 when something is broken; things that could merely be better leave it 0. */
export async function doctor(context: Context, { json = false }: { json?: boolean }): Promise<void> {
  const report = await examine(context);
  context.terminal.out(json ? `${JSON.stringify(report, null, 2)}\n` : renderReport(report, context.terminal));
  if (report.findings.some(({ level }) => level === "broken")) process.exitCode = 1;
}
