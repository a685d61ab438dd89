/**
 * String formats of JSON Schema as patterns. Each accepts a part of its format, never anything outside it: lengths are
 * held short so that a model cannot go on for ever inside an address.
 */

const thirtyOne = "(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])";
const thirty = "(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)";
const february = "02-(?:0[1-9]|1[0-9]|2[0-8])";
const leapYear = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";
const date = `(?:[0-9]{4}-(?:${thirtyOne}|${thirty}|${february})|${leapYear}-02-29)`;
const time = "(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]{1,9})?(?:Z|[+\\-](?:[01][0-9]|2[0-3]):[0-5][0-9])";
const label = "[A-Za-z0-9](?:[A-Za-z0-9\\-]{0,30}[A-Za-z0-9])?";
const hostname = `${label}(?:\\.${label}){0,3}`;
const mailName = "[A-Za-z0-9_+\\-]{1,20}(?:\\.[A-Za-z0-9_+\\-]{1,20}){0,2}";
const byte = "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
const group = "[0-9a-fA-F]{1,4}";
/** n groups before `::` leave room for at most 6 - n after it. */
const shortened = [0, 1, 2, 3, 4, 5, 6].map((before) => {
  const left = before === 0 ? "" : before === 1 ? group : `${group}(?::${group}){${before - 1}}`;
  const right = before === 6 ? "" : `(?:${group}(?::${group}){0,${5 - before}})?`;
  return `${left}::${right}`;
});
const address = "[A-Za-z0-9._~\\-]";
const count = "(?:0|[1-9][0-9]{0,5})";
const clock = `T(?:${count}H(?:${count}M(?:${count}S)?)?|${count}M(?:${count}S)?|${count}S)`;
const days = `(?:${count}Y(?:${count}M(?:${count}D)?)?|${count}M(?:${count}D)?|${count}D)`;

export const formatPatterns: ReadonlyMap<string, string> = new Map([
  ["date", `^${date}$`],
  ["time", `^${time}$`],
  ["date-time", `^${date}T${time}$`],
  ["duration", `^P(?:${days}(?:${clock})?|${clock}|${count}W)$`],
  ["uuid", "^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$"],
  ["email", `^${mailName}@${label}(?:\\.${label}){1,3}$`],
  ["hostname", `^${hostname}$`],
  ["ipv4", `^${byte}(?:\\.${byte}){3}$`],
  ["ipv6", `^(?:${group}(?::${group}){7}|${shortened.join("|")})$`],
  ["uri", `^[a-z][a-z0-9+.\\-]{0,10}://${hostname}(?::[0-9]{1,4})?(?:/${address}{0,60}){0,8}(?:\\?(?:${address}|[=&]){0,120})?$`],
]);

/** Formats that the specification defines and we cannot say: refused. Any other word is an annotation, as it says. */
export const refusedFormats: ReadonlySet<string> = new Set([
  "idn-email",
  "idn-hostname",
  "uri-reference",
  "iri",
  "iri-reference",
  "uri-template",
  "json-pointer",
  "relative-json-pointer",
  "regex",
]);
