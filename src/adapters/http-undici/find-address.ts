/** The address of a name, judged as for every call: for those that speak something else than HTTP (S-19). */
import type { HttpNetwork } from "../../ports/http.ts";
import { literalAddress, refusalOf } from "./addresses.ts";
import { type Resolve, systemResolve } from "./connect.ts";

export type FoundAddress =
  | { readonly ok: true; readonly address: string }
  | { readonly ok: false; readonly problem: string; readonly lasts: boolean };

/** One refused address among several refuses the name. */
export async function findAddress(host: string, network: HttpNetwork, resolve: Resolve = systemResolve): Promise<FoundAddress> {
  const literal = literalAddress(host);
  const { promise, resolve: settle } = Promise.withResolvers<readonly string[] | Error>();
  if (literal !== null) settle([literal]);
  else resolve(host, (error, addresses) => settle(error ?? addresses.map(({ address }) => address)));
  const addresses = await promise;
  if (addresses instanceof Error) return { ok: false, problem: `The name ${host} was not found: ${addresses.message}`, lasts: false };
  for (const address of addresses) {
    const refusal = refusalOf(address, network);
    if (refusal !== null) return { ok: false, problem: `The address of ${host} is refused: ${refusal}`, lasts: true };
  }
  const [first] = addresses;
  return first === undefined ? { ok: false, problem: `${host} has no address`, lasts: false } : { ok: true, address: first };
}
