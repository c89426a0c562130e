/** Idempotency keys: the same for as long as the same is sent, so that sending it again changes nothing. */
export function createKeyOf(random: () => string = randomHex): (body: unknown) => string {
  let last: { readonly text: string; readonly key: string } | null = null;
  return (body) => {
    const text = JSON.stringify(body);
    if (last?.text !== text) last = { text, key: `dashboard-${random()}` };
    return last.key;
  };
}

/** `crypto.randomUUID` is there for pages over TLS or of this machine only. */
function randomHex(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
