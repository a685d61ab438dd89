/** Languages that their script tells, without the tables that the others need: the server itself asks for these only. */

/** Of a text that is looked at. */
export const SAMPLE_CHARACTERS = 6_000;

/** Chinese, Japanese or Korean, by the characters alone. An ideograph says as much as a few letters. */
export function scriptLanguage(text: string): string | undefined {
  const sample = text.slice(0, SAMPLE_CHARACTERS);
  const letters = countOf(sample, /\p{L}/gu);
  const kana = countOf(sample, /[\u3041-\u30FA]/g);
  const han = countOf(sample, /\p{Script=Han}/gu);
  const hangul = countOf(sample, /[\uAC00-\uD7A3]/g);
  if (kana > 4 && kana > (han + kana) * 0.1 && kana + han > letters * 0.2) return "ja";
  if (hangul > 4 && hangul > letters * 0.3) return "ko";
  return han > 4 && han > letters * 0.2 ? "zh" : undefined;
}

export function countOf(text: string, pattern: RegExp): number {
  return text.match(pattern)?.length ?? 0;
}
