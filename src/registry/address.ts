/** Where a model name's registry is: its own host over HTTPS, or a mirror; plain HTTP only where it does no harm. */
import { Invalid } from "../errors.ts";
import { fullName, type ModelName, same } from "../models/name.ts";
import { isLoopbackName } from "./addresses.ts";

export interface RegistryAddress {
  /** An origin, perhaps with a path, without a slash at its end. */
  base: URL;
  /** Plain HTTP may be tried when HTTPS is not spoken there. */
  mayFallBack: boolean;
}

export interface AddressSettings {
  insecure: boolean;
  /** Addresses by lower-case host. */
  mirrors: ReadonlyMap<string, string>;
}

/** `insecure` is plain HTTP, as Ollama has it. Throws Invalid for a mirror that is no address. */
export function registryAddress(name: ModelName, { insecure, mirrors }: AddressSettings): RegistryAddress {
  const mirror = mirrors.get(name.host.toLowerCase());
  if (mirror !== undefined) {
    const base = URL.canParse(mirror) ? new URL(mirror) : undefined;
    if (!base || !["http:", "https:"].includes(base.protocol)) {
      throw new Invalid(`the mirror of ${name.host} is no address: ${JSON.stringify(mirror)}; write it as https://host`);
    }
    if (base.protocol === "http:" && !insecure && !isLoopbackName(base.hostname)) {
      throw new Invalid(`insecure protocol http: the mirror ${base.host} of ${name.host} needs --insecure`);
    }
    return { base, mayFallBack: false };
  }
  const text = `${insecure ? "http" : "https"}://${name.host}`;
  const base = URL.canParse(text) ? new URL(text) : undefined;
  // A host such as `a:b` is a valid part of a name, but nothing to connect to.
  if (!base || !same(base.host, name.host.replace(insecure ? /:80$/ : /:443$/, ""))) {
    throw new Invalid(`${fullName(name)}: ${JSON.stringify(name.host)} is no host`);
  }
  return { base, mayFallBack: !insecure && isLoopbackName(base.hostname) };
}

/** The address of something of a model's repository: `/v2/<namespace>/<model>/<rest>`. */
export function repositoryUrl(base: URL, { namespace, model }: ModelName, rest: string): URL {
  return new URL(`${base.href.replace(/\/+$/, "")}/v2/${namespace}/${model}/${rest}`);
}
