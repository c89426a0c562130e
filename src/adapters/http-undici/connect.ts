/** Connects to addresses that the network admits, and to no other: the address that was judged is the one that is connected to. */
import { type LookupAddress, lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import { buildConnector } from "undici";
import type { HttpNetwork } from "../../ports/http.ts";
import { literalAddress, refusalOf } from "./addresses.ts";

/** Finds the addresses of a name, as `dns.lookup` with `all` does. */
export type Resolve = (hostname: string, done: (error: Error | null, addresses: readonly LookupAddress[]) => void) => void;

export interface ConnectOptions {
  readonly network: HttpNetwork;
  readonly resolve: Resolve;
  /** Certificates to trust besides those of the platform, as PEM. */
  readonly ca: readonly string[] | null;
  readonly timeoutMs: number;
  /** Called when a connection stands, encryption included: from now on the server may have heard of us. */
  readonly connected: () => void;
}

export const ADDRESS_REFUSED = "ADDRESS_REFUSED";

export const systemResolve: Resolve = (hostname, done) => lookup(hostname, { all: true }, done);

export function createConnect({ network, resolve, ca, timeoutMs, connected }: ConnectOptions): buildConnector.connector {
  const guarded = {
    lookup: guardedLookup(network, resolve),
    timeout: timeoutMs,
    allowH2: false,
    ...(ca !== null && { ca: [...ca] }),
  } as buildConnector.BuildOptions; // Its type wants the members of all three ways to connect at once.
  const connect = buildConnector(guarded);
  return (options, done) => {
    // Literal addresses never come to a look-up.
    const literal = literalAddress(options.hostname);
    const refusal = literal === null ? null : refusalOf(literal, network);
    if (refusal !== null) return done(refused(options.hostname, refusal), null);
    connect(options, (...answer) => {
      if (answer[0] === null) connected();
      done(...answer);
    });
  };
}

/** One refused address among several refuses the name: which of them answers would be the name server's choice. */
function guardedLookup(network: HttpNetwork, resolve: Resolve): LookupFunction {
  return (hostname, { all }, done) => {
    resolve(hostname, (error, addresses) => {
      if (error !== null) return done(error, "", 0);
      const [first] = addresses;
      if (first === undefined) return done(Object.assign(new Error(`${hostname} has no address`), { code: "ENOTFOUND" }), "", 0);
      for (const { address } of addresses) {
        const refusal = refusalOf(address, network);
        if (refusal !== null) return done(refused(hostname, refusal), "", 0);
      }
      if (all === true) done(null, [...addresses]);
      else done(null, first.address, first.family);
    });
  };
}

function refused(hostname: string, why: string): Error {
  return Object.assign(new Error(`The address of ${hostname} is refused: ${why}`), { code: ADDRESS_REFUSED });
}
