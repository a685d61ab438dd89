/**
 * How the command line shows a server on the same machine that it belongs to the same user: both read one secret file in PUNA_HOME,
 * which nobody else may read. The secret itself is never sent, so that a program that took the server's port learns nothing lasting;
 * a web page cannot read the file, and a request that a proxy passes on from elsewhere does not have it.
 */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import path from "node:path";

const SCHEME = "Puna-Local";
/** How far two readings of one clock may lie apart, in seconds. */
const WINDOW_S = 60;

export interface Asked {
  method: string;
  /** With its query. */
  path: string;
}

/** The secret, made if `home` has none yet. Undefined when it cannot be: then there is no such proof. */
export function localSecret(home: string): string | undefined {
  const known = readLocalSecret(home);
  if (known !== undefined) return known;
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 });
    // Fails if another server made it just now: then that one is the secret.
    writeFileSync(fileIn(home), `${randomBytes(32).toString("hex")}\n`, { mode: 0o600, flag: "wx" });
  } catch {}
  return readLocalSecret(home);
}

/** The secret that is there; undefined without one, or when this user may not read it. */
export function readLocalSecret(home: string): string | undefined {
  try {
    const file = fileIn(home);
    // What others can read proves nothing.
    if (process.platform !== "win32" && (statSync(file).mode & 0o077) !== 0) return undefined;
    const text = readFileSync(file, "utf8").trim();
    return /^[0-9a-f]{64}$/.test(text) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The Authorization header for one request. */
export function localProof(secret: string, asked: Asked, nowMs = Date.now()): string {
  const seconds = Math.floor(nowMs / 1000);
  return `${SCHEME} ${seconds}:${sign(secret, asked, seconds)}`;
}

/** Whether an Authorization header is such a proof for this request, and fresh. */
export function isLocalProof(header: string, secret: string, asked: Asked, nowMs = Date.now()): boolean {
  const found = new RegExp(`^${SCHEME} (\\d{1,12}):([0-9a-f]{64})$`).exec(header);
  if (!found) return false;
  const seconds = Number(found[1]);
  if (Math.abs(nowMs / 1000 - seconds) > WINDOW_S) return false;
  return timingSafeEqual(Buffer.from(found[2] ?? "", "hex"), Buffer.from(sign(secret, asked, seconds), "hex"));
}

function sign(secret: string, { method, path }: Asked, seconds: number): string {
  return createHmac("sha256", Buffer.from(secret, "hex")).update(`${method}\n${path}\n${seconds}`).digest("hex");
}

function fileIn(home: string): string {
  return path.join(home, "local-secret");
}
