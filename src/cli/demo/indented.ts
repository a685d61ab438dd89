/** Text of the demo, below its question. */
const INDENT = "     ";

/** Every line but an empty one begins with the indent. */
export function indented(text: string): string {
  return text.replace(/^(?=.)/gm, INDENT);
}
