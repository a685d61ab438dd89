/** Cuts a stream of bytes into lines, copying nothing but the line that spans two chunks. */

/** A function to be given each chunk; it calls `onLine` with every complete line, without its newline. Empty lines are dropped. */
export function lineSplitter(onLine: (line: string) => void): (chunk: Buffer) => void {
  let pending: Buffer[] = [];
  return (chunk) => {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      // A line's bytes are decoded together: a character may be split over two chunks.
      const line =
        pending.length === 0
          ? chunk.toString("utf8", start, end)
          : Buffer.concat([...pending, chunk.subarray(start, end)]).toString("utf8");
      pending = [];
      start = end + 1;
      if (line !== "") onLine(line);
    }
    if (start < chunk.length) pending.push(chunk.subarray(start));
  };
}
