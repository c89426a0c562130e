export function label(name, count) {
  return `${name.trim()} x ${count}`;
}
