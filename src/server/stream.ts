/** An async iterable as the body of a response, written as it comes. */

export interface Encoding<T> {
  encode: (item: T) => string;
  /** The text of a failure that came after the first item. */
  encodeError: (error: unknown) => string;
}

/**
 * The first item is awaited here, before a status goes out: what fails at once rejects, and still gets its own status. A client that
 * leaves ends the iteration.
 */
export async function streamed<T>(
  items: AsyncIterable<T>,
  { encode, encodeError }: Encoding<T>,
): Promise<ReadableStream<Uint8Array>> {
  const iterator = items[Symbol.asyncIterator]();
  let next: IteratorResult<T> | undefined = await iterator.next();
  const encoder = new TextEncoder();
  let left = false;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          const { done, value } = next ?? (await iterator.next());
          next = undefined;
          if (left) return;
          if (done) controller.close();
          else controller.enqueue(encoder.encode(encode(value)));
        } catch (error) {
          if (left) return;
          controller.enqueue(encoder.encode(encodeError(error)));
          controller.close();
        }
      },
      async cancel() {
        left = true;
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}
