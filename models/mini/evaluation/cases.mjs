// The questions, each in the canonical prompt form of the model card.

const REFUSAL = { en: "The passages do not say.", zh: "这些资料里没有说明。" };

export const prompt = (language, passages, question) =>
  `${language === "en" ? "Question: " : "问题："}${question}\n\n${passages.map((text, i) => `[${i + 1}] ${text}`).join("\n")}`;

const user = (content) => [{ role: "user", content }];

/** The paragraph stands among one to three others of its language, at a place that its number decides. */
function handwritten(entries) {
  return entries.flatMap((entry, n) => {
    const others = entries.filter((e) => e.language === entry.language && e !== entry);
    const passages = Array.from({ length: 1 + (n % 3) }, (_, i) => others[(n * 3 + i * 5 + 1) % others.length].text);
    const source = (n % (passages.length + 1)) + 1;
    passages.splice(source - 1, 0, entry.text);
    const base = { set: "handwritten", language: entry.language, passages, think: false };
    const { question, answer } = entry.answerable;
    return [
      { ...base, kind: "answer", question, answer, source, messages: user(prompt(entry.language, passages, question)) },
      { ...base, kind: "refusal", question: entry.unanswerable.question, refusal: REFUSAL[entry.language], messages: user(prompt(entry.language, passages, entry.unanswerable.question)) },
    ];
  });
}

function generated(rows) {
  return rows.map(({ language, passages, question, answer, source }) => ({
    set: "generated", language, passages, question, think: false, messages: user(prompt(language, passages, question)),
    ...(answer ? { kind: "answer", answer, source } : { kind: "refusal", refusal: REFUSAL[language] }),
  }));
}

const tool = ([name, description, keys]) => ({
  type: "function",
  function: { name, description, parameters: { type: "object", properties: Object.fromEntries(keys.map((key) => [key, { type: "string" }])), required: keys } },
});

export function cases(data) {
  const languageOf = (text) => (/[\u4e00-\u9fff]/.test(text) ? "zh" : "en");
  const small = (set, extra) => data.small[set].map((one) => ({ set, kind: set, language: languageOf(one.user), question: one.user, think: false, messages: user(one.user), ...extra(one) }));
  const rows = generated(data.generated);
  return [
    ...rows,
    ...handwritten(data.handwritten),
    ...small("greeting", ({ expect }) => ({ expect })),
    ...small("tools", ({ tools, name, arguments: values }) => ({ tools: tools.map(tool), call: { name, arguments: values } })),
    ...small("json", ({ object }) => ({ object })),
    ...rows.slice(0, 20).map((row) => ({ ...row, set: "thinking", kind: "thinking", think: true, inner: row.kind })),
  ];
}
