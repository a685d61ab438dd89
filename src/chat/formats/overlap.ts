/** How much of a text's end may be the beginning of a tag. */

/** The length of the longest end of `text` that is a beginning of `tag`, the whole tag excepted. */
export function overlap(text: string, tag: string): number {
  for (let length = Math.min(text.length, tag.length - 1); length > 0; length--)
    if (tag.startsWith(text.slice(-length))) return length;
  return 0;
}
