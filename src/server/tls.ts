/** The certificate and key that the server speaks HTTPS with, read and checked before the port is opened. */
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Config } from "../config.ts";
import { Failed, messageOf } from "../errors.ts";
import { logger } from "../log.ts";

const log = logger("server");

export interface Tls {
  /** PEM: the server's certificate, then those that lead to its root. */
  cert: Buffer;
  key: Buffer;
}

/** Undefined when neither setting is there. Throws Failed that names the setting and the file. */
export function readTls(
  { tlsCertificate, tlsKey }: Pick<Config, "tlsCertificate" | "tlsKey">,
  now = Date.now(),
): Tls | undefined {
  if (tlsCertificate === undefined && tlsKey === undefined) return undefined;
  if (tlsCertificate === undefined) throw new Failed("PUNA_TLS_KEY is set without PUNA_TLS_CERT: set both, or neither");
  if (tlsKey === undefined) throw new Failed("PUNA_TLS_CERT is set without PUNA_TLS_KEY: set both, or neither");
  const tls = { cert: read(tlsCertificate, "PUNA_TLS_CERT"), key: read(tlsKey, "PUNA_TLS_KEY") };
  const certificate = parseCertificate(tls.cert, tlsCertificate);
  if (!certificate.checkPrivateKey(parseKey(tls.key, tlsKey))) {
    throw new Failed(`PUNA_TLS_KEY: ${tlsKey} is not the key of the certificate ${tlsCertificate}`);
  }
  const [from, until] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
  if (now > until)
    log.warn("the TLS certificate has expired, clients will refuse it", { file: tlsCertificate, until: certificate.validTo });
  if (now < from)
    log.warn("the TLS certificate is not valid yet, clients will refuse it", {
      file: tlsCertificate,
      from: certificate.validFrom,
    });
  return tls;
}

function read(file: string, setting: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new Failed(`${setting}: cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}

function parseCertificate(pem: Buffer, file: string): X509Certificate {
  try {
    // A certificate in DER would be understood here, but not by the server itself.
    if (!pem.includes("-----BEGIN CERTIFICATE-----")) throw new Error("there is no 'BEGIN CERTIFICATE' in it");
    return new X509Certificate(pem);
  } catch (cause) {
    throw new Failed(`PUNA_TLS_CERT: ${file} is no certificate in PEM form: ${messageOf(cause)}`, { cause });
  }
}

function parseKey(pem: Buffer, file: string): KeyObject {
  if (pem.includes("ENCRYPTED")) {
    throw new Failed(
      `PUNA_TLS_KEY: ${file} is locked with a passphrase, which nobody can type at a server's start: give the key without one`,
    );
  }
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new Failed(`PUNA_TLS_KEY: ${file} is no private key in PEM form: ${messageOf(cause)}`, { cause });
  }
}
