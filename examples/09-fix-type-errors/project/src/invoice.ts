import { label } from "./label.ts";
import { gross } from "./price.ts";

export function total(cents) {
  return gross(cents);
}

export function line(name, cents) {
  return label(name, gross(cents));
}
