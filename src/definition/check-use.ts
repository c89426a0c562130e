export function checkUse(_: unknown): void {}
