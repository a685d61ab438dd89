/** Names that clients give to what they send: only ever shown and compared, never opened, and still without tricks. */
import { Invalid } from "../../errors.ts";

const LONGEST = 1024;
const LONGEST_TITLE = 60;

/**
 * The name as a place inside the base: relative, with slashes, without `..`, control characters and lone surrogates. Throws Invalid for
 * one of which nothing is left, or that is too long.
 */
export function placeOf(name: string): string {
  const parts = name
    .toWellFormed()
    .normalize("NFC")
    .replace(/\p{Cc}|[\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, "")
    .split(/[\\/]+/)
    .map((part) => part.trim())
    .filter((part) => part !== "" && part !== "." && part !== "..");
  const place = parts.join("/");
  if (place === "") throw new Invalid(`${JSON.stringify(name.slice(0, 80))} is no name for a document`, { param: "name" });
  if (place.length > LONGEST)
    throw new Invalid(`the name ${place.slice(0, 40)}… has ${place.length} characters; ${LONGEST} is the most`, {
      param: "name",
    });
  return place;
}

/** The last part of a place. */
export function nameOf(place: string): string {
  return place.slice(place.lastIndexOf("/") + 1);
}

/** For a text without a name: how it begins. */
export function titleOf(text: string): string {
  const [line = ""] = text.replace(/[\\/]/g, " ").trim().split("\n");
  const clean = line
    .toWellFormed()
    .replace(/\p{Cc}/gu, "")
    .replace(/^#+\s*/, "")
    .trim();
  const characters = [...clean];
  if (characters.length === 0) return "Text";
  return characters.length <= LONGEST_TITLE ? clean : `${characters.slice(0, LONGEST_TITLE).join("").trimEnd()}…`;
}
