/** Arguments of a tool as a model wrote them. Models write numbers as texts; that much is forgiven. */
import { Invalid } from "../../errors.ts";

export type Arguments = Record<string, unknown>;

/** Without `otherwise` it must be there. Throws Invalid. */
export function text(args: Arguments, name: string, otherwise?: string): string {
  const value = args[name] ?? otherwise;
  if (typeof value !== "string") throw new Invalid(`${name} ${value === undefined ? "is required" : "must be a string"}`);
  return value;
}

/** Undefined when it is not there. Throws Invalid. */
export function integer(
  args: Arguments,
  name: string,
  { least, most = Number.MAX_SAFE_INTEGER }: { least: number; most?: number },
): number | undefined {
  const value = args[name] ?? undefined;
  if (value === undefined) return undefined;
  const number = typeof value === "string" && /^\d+$/.test(value.trim()) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number) || number < least || number > most) {
    throw new Invalid(
      `${name} must be a whole number${most === Number.MAX_SAFE_INTEGER ? ` from ${least} on` : ` from ${least} to ${most}`}`,
    );
  }
  return number;
}

/** A list of strings, or one of them. Throws Invalid. */
export function words(args: Arguments, name: string): string[] {
  const value = args[name] ?? [];
  const list: unknown[] = Array.isArray(value) ? value : [value];
  if (!list.every((one) => typeof one === "string")) throw new Invalid(`${name} must be a list of strings`);
  return list;
}
