/** Which network an address belongs to, whatever notation it came in (S-19). */
import { isIP } from "node:net";
import ipaddr from "ipaddr.js";
import type { HttpNetwork } from "../../ports/http.ts";

/** Ranges of IPv4 and IPv6, as ipaddr.js names them, that `private` adds to the public ones. */
const PRIVATE_RANGES: ReadonlySet<string> = new Set(["private", "uniqueLocal", "carrierGradeNat", "loopback"]);

/** Where clouds hand out credentials to whoever asks; those of link-local ranges are refused with their range. */
const METADATA_ADDRESSES: ReadonlySet<string> = new Set(["fd00:ec2::254", "100.100.100.200", "168.63.129.16", "fd20:ce::254"]);

/** Why an address may not be connected to; null when it may. */
export function refusalOf(address: string, network: HttpNetwork): string | null {
  if (!ipaddr.isValid(address)) return "it is no address";
  const parsed = ipaddr.process(address); // An IPv4 address inside an IPv6 one counts as what it is.
  if (METADATA_ADDRESSES.has(parsed.toString())) return "it belongs to a metadata service";
  const range = parsed.range();
  if (range === "unicast" || (network === "private" && PRIVATE_RANGES.has(range))) return null;
  return PRIVATE_RANGES.has(range) ? `it is in a private network (${range})` : `it is no address of a server (${range})`;
}

/** The address that a URL names without a name server; null for a name. */
export function literalAddress(hostname: string): string | null {
  const bare = hostname.startsWith("[") && hostname.endsWith("]") ? hostname.slice(1, -1) : hostname;
  return isIP(bare) === 0 ? null : bare;
}
