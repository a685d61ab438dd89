import fc from "fast-check";
import { expect, test } from "vitest";
import { isPrivateAddress } from "./addresses.ts";

test.each([
  "127.0.0.1",
  "10.1.2.3",
  "172.31.0.1",
  "192.168.1.1",
  "169.254.169.254",
  "100.64.0.1",
  "0.0.0.0",
  "224.0.0.1",
  "255.255.255.255",
  "192.0.2.1",
  "::1",
  "[::1]",
  "::",
  "::7f00:1",
  "fe80::1%eth0",
  "fec0::1",
  "fd00::1",
  "ff02::1",
  "::ffff:10.0.0.1",
  "::ffff:a00:1",
  "64:ff9b::10.0.0.1",
  "64:ff9b::a9fe:a9fe",
  "64:ff9b:1::1",
  "2002:7f00:1::",
  "2001::1",
  "2001:db8::1",
])("%s is private", (address) => expect(isPrivateAddress(address)).toBe(true));

test.each(["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "r.example", ""])(
  "%s is not",
  (address) => expect(isPrivateAddress(address)).toBe(false),
);

/** First and last address of each block that is nobody's on the internet, written down a second time. */
const BLOCKS: [string, string][] = [
  ["0.0.0.0", "0.255.255.255"],
  ["10.0.0.0", "10.255.255.255"],
  ["100.64.0.0", "100.127.255.255"],
  ["127.0.0.0", "127.255.255.255"],
  ["169.254.0.0", "169.254.255.255"],
  ["172.16.0.0", "172.31.255.255"],
  ["192.0.0.0", "192.0.0.255"],
  ["192.0.2.0", "192.0.2.255"],
  ["192.88.99.0", "192.88.99.255"],
  ["192.168.0.0", "192.168.255.255"],
  ["198.18.0.0", "198.19.255.255"],
  ["198.51.100.0", "198.51.100.255"],
  ["203.0.113.0", "203.0.113.255"],
  ["224.0.0.0", "255.255.255.255"],
];
const number = (address: string) => address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
const dotted = (address: number) => [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join(".");
const isBlocked = (address: number) => BLOCKS.some(([from, to]) => address >= number(from) && address <= number(to));

/** Any address, and more of those at the borders of the blocks. */
const ipv4 = fc.oneof(
  fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  fc
    .tuple(fc.constantFrom(...BLOCKS.flat()), fc.integer({ min: -2, max: 2 }))
    .map(([edge, by]) => Math.min(Math.max(number(edge) + by, 0), 2 ** 32 - 1)),
);

test("every IPv4 address, in all the ways that a URL can write it and IPv6 can hold it", () => {
  fc.assert(
    fc.property(ipv4, (address) => {
      const plain = dotted(address);
      const [a = 0, b = 0, c = 0, d = 0] = plain.split(".").map(Number);
      const hex = [a * 256 + b, c * 256 + d].map((group) => group.toString(16)).join(":");
      const hosts = [
        String(address),
        `0x${address.toString(16)}`,
        `0${address.toString(8)}`,
        [a, b, c, d].map((part) => `0x${part.toString(16)}`).join("."),
        [a, b, c, d].map((part) => `0${part.toString(8)}`).join("."),
        `${a}.${address % 2 ** 24}`,
        `${plain}.`,
      ].map((host) => new URL(`http://${host}/`).hostname);
      const within = [`::ffff:${plain}`, `::ffff:${hex}`, `64:ff9b::${plain}`, `64:ff9b::${hex}`, `0:0:0:0:0:ffff:${hex}`];
      const verdicts = [plain, ...hosts, ...within].map(isPrivateAddress);
      expect(new Set(verdicts)).toEqual(new Set([isBlocked(address)]));
    }),
    { numRuns: 2000 },
  );
});

test("an IPv6 address outside what is given out is private, however it is written", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 8, maxLength: 8 }), (groups) => {
      const first = groups[0] ?? 0;
      const long = groups.map((group) => group.toString(16).padStart(4, "0")).join(":");
      const short = new URL(`http://[${long}]/`).hostname;
      expect(isPrivateAddress(short)).toBe(isPrivateAddress(long));
      if (first < 0x2000 || first > 0x3fff) expect(isPrivateAddress(long)).toBe(true);
      else if (first > 0x2002 && first < 0x3fff) expect(isPrivateAddress(long)).toBe(false);
    }),
    { numRuns: 2000 },
  );
});
