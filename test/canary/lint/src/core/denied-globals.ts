/** Each global that the pure folders are denied, once. */
export const denied = [
  () => new Date(),
  () => new Intl.Locale("en"),
  () => console.log(""),
  () => crypto.randomUUID(),
  () => fetch("http://localhost"),
  () => globalThis,
  () => performance.now(),
  () => process.pid,
  () => queueMicrotask(() => {}),
  () => setImmediate(() => {}),
  () => setInterval(() => {}, 1),
  () => setTimeout(() => {}, 1),
  () => structuredClone({}),
  () => Function.prototype,
];
