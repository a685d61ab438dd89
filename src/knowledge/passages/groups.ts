/** The blocks between two headings, with the path of headings above them. */
import type { Block, ParsedDocument } from "../types.ts";

export interface Group {
  /** Outermost first; the last one opens the group. */
  headings: string[];
  blocks: Block[];
}

export function groupsOf({ text, blocks }: Pick<ParsedDocument, "text" | "blocks">): Group[] {
  const groups: Group[] = [];
  const path: { level: number; text: string }[] = [];
  let open: Group | undefined;
  for (const block of blocks) {
    if (block.kind === "heading") {
      const level = block.level ?? 1;
      while (path.length > 0 && (path.at(-1)?.level ?? 0) >= level) path.pop();
      path.push({ level, text: headingText(text.slice(block.start, block.end)) });
      const headings = path.map((heading) => heading.text).filter((heading) => heading !== "");
      // A heading directly under another one, with nothing between: they open the group together.
      const onlyHeadings = open?.blocks.every(({ kind }) => kind === "heading") ?? false;
      const deeper = level > (open?.blocks.at(-1)?.level ?? 0);
      if (open && onlyHeadings && deeper) {
        open.blocks.push(block);
        open.headings = headings;
        continue;
      }
      open = { headings, blocks: [block] };
      groups.push(open);
    } else {
      if (!open) {
        open = { headings: [], blocks: [] };
        groups.push(open);
      }
      open.blocks.push(block);
    }
  }
  return groups;
}

/** Without the marks of Markdown. */
function headingText(slice: string): string {
  return (slice.split("\n")[0] ?? "")
    .replace(/^\s{0,3}#{1,6}\s+|\s+#+\s*$/g, "")
    .replace(/(\*\*|__|`)/g, "")
    .trim();
}
