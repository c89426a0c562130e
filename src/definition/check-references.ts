export function checkReferences(_: unknown): void {}
