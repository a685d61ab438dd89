/** Which certificates the command line trusts besides the system's. */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import tls from "node:tls";
import type { Config } from "../config.ts";
import { Invalid, messageOf } from "../errors.ts";

export type Trust = Pick<tls.SecureContextOptions, "ca"> & Pick<tls.ConnectionOptions, "checkServerIdentity">;

/**
 * PUNA_TLS_CA's, and the certificate of a server whose settings this command shares: that very certificate is right under any
 * name. Empty when neither is set: Node's own rules, NODE_EXTRA_CA_CERTS among them, then hold.
 */
export function trustOf({ tlsTrusted, tlsCertificate }: Pick<Config, "tlsTrusted" | "tlsCertificate">): Trust {
  if (tlsTrusted === undefined && tlsCertificate === undefined) return {};
  const own = tlsCertificate === undefined ? undefined : readCertificate(tlsCertificate, "PUNA_TLS_CERT");
  const given = tlsTrusted === undefined ? [] : [readCertificate(tlsTrusted, "PUNA_TLS_CA")];
  const extra = process.env.NODE_EXTRA_CA_CERTS;
  const more = [...given, ...(own === undefined ? [] : [own]), ...(extra ? [readCertificate(extra, "NODE_EXTRA_CA_CERTS")] : [])];
  const pinned = own === undefined ? undefined : new X509Certificate(own).fingerprint256;
  return {
    ca: [...tls.rootCertificates, ...more],
    checkServerIdentity: (name, certificate) =>
      certificate.fingerprint256 === pinned ? undefined : tls.checkServerIdentity(name, certificate),
  };
}

function readCertificate(file: string, setting: string): string {
  try {
    const text = readFileSync(file, "utf8");
    new X509Certificate(text);
    return text;
  } catch (cause) {
    throw new Invalid(`${setting}: ${file} is no certificate in PEM form (${messageOf(cause)})`, { cause });
  }
}
