/** Certificates for tests, signed by themselves: X.509 in DER (RFC 5280), written by hand since Node can only read them. */
import { generateKeyPairSync, sign } from "node:crypto";
import { writeFileSync } from "node:fs";
import { isIP } from "node:net";
import path from "node:path";

interface Wanted {
  /** Host names and IPv4 addresses. */
  names?: string[];
  from?: Date;
  until?: Date;
}

/** Writes `cert.pem` and `key.pem` into the folder and gives their paths. */
export function writeCertificate(folder: string, { names = ["localhost", "127.0.0.1"], ...validity }: Wanted = {}) {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const { from = new Date(Date.now() - 3_600_000), until = new Date(Date.now() + 86_400_000) } = validity;
  const algorithm = sequence(oid("2a8648ce3d040302"));
  const name = sequence(tlv(0x31, sequence(oid("550403"), tlv(0x0c, Buffer.from("puna test")))));
  const alternatives = names.map((one) =>
    isIP(one) === 4 ? tlv(0x87, Buffer.from(one.split(".").map(Number))) : tlv(0x82, Buffer.from(one)),
  );
  const extensions = [
    sequence(oid("551d11"), tlv(0x04, sequence(...alternatives))),
    sequence(oid("551d13"), tlv(0x04, sequence(tlv(0x01, Buffer.from([255]))))),
  ];
  const body = sequence(
    tlv(0xa0, tlv(0x02, Buffer.from([2]))),
    tlv(0x02, Buffer.from([1])),
    algorithm,
    name,
    sequence(time(from), time(until)),
    name,
    publicKey.export({ type: "spki", format: "der" }),
    tlv(0xa3, sequence(...extensions)),
  );
  const certificate = sequence(body, algorithm, tlv(0x03, Buffer.from([0]), sign("sha256", body, privateKey)));
  const files = { cert: path.join(folder, "cert.pem"), key: path.join(folder, "key.pem") };
  writeFileSync(
    files.cert,
    `-----BEGIN CERTIFICATE-----\n${certificate.toString("base64").replace(/.{64}/g, "$&\n")}\n-----END CERTIFICATE-----\n`,
  );
  writeFileSync(files.key, privateKey.export({ type: "pkcs8", format: "pem" }));
  return files;
}

function tlv(tag: number, ...parts: Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const length = value.length < 128 ? [value.length] : [0x82, value.length >> 8, value.length & 255];
  return Buffer.concat([Buffer.from([tag, ...length]), value]);
}

function sequence(...parts: Buffer[]): Buffer {
  return tlv(0x30, ...parts);
}

function oid(hex: string): Buffer {
  return tlv(0x06, Buffer.from(hex, "hex"));
}

/** UTCTime, good until 2049. */
function time(at: Date): Buffer {
  return tlv(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, "").slice(2, 14)}Z`));
}
