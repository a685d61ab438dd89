// Turns results into SCORES.md.

const rate = (rows) => (rows.length ? (rows.filter((r) => r.verdict.length === 0).length / rows.length).toFixed(2) : "-");
const AIMS = { "generated/answer": "0.90", "handwritten/answer": "0.60", "generated/refusal": "0.85", "handwritten/refusal": "0.85" };

function faults(rows) {
  const counts = new Map();
  for (const fault of rows.flatMap((r) => r.verdict)) counts.set(fault, (counts.get(fault) ?? 0) + 1);
  return [...counts].map(([fault, count]) => `${fault} ${count}`).join(", ") || "none";
}

export function report(results, seconds) {
  const groups = new Map();
  for (const r of results) {
    const key = r.set === r.kind ? r.set : `${r.set}/${r.kind}`;
    groups.set(key, [...(groups.get(key) ?? []), r]);
  }
  const lines = [...groups].map(([key, rows]) => {
    const by = (language) => rate(rows.filter((r) => r.language === language));
    return `| ${key} | ${rows.length} | ${rate(rows)} | ${AIMS[key] ?? "-"} | ${by("en")} | ${by("zh")} | ${faults(rows)} |`;
  });
  const examples = results.filter((r) => r.set === "handwritten").slice(0, 12).concat(results.filter((r) => r.set === "handwritten").slice(40, 52));
  const cell = (text) => text.replaceAll("|", "\\|").replaceAll("\n", " ");
  return [
    "# Scores of mini", "",
    `Written by \`evaluate.mjs\` from ${results.length} questions to \`/api/chat\` at temperature 0 (${seconds.toFixed(0)} s in all).`,
    "An answer counts when it holds the gold words, is a verbatim quote of a passage and cites the right one; a refusal when it is the fixed sentence.",
    "A call and a JSON object count when they equal what was expected; thinking counts when there is some and the answer is right.", "",
    "| set | questions | right | aim | English | Chinese | faults |", "|---|---|---|---|---|---|---|", ...lines, "",
    "## The first hand-written questions and what came back", "",
    "| question | reply | right |", "|---|---|---|",
    ...examples.map((r) => `| ${cell(r.question)} | ${cell(r.message.content ?? "")} | ${r.verdict.length ? r.verdict.join(", ") : "yes"} |`), "",
  ].join("\n");
}
