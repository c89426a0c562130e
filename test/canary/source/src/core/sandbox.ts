import vm from "node:vm";
import { VM } from "vm2";
import jail from 'isolated-vm';
export const made = [eval("1"), new Function("return 1"), Function("return 1"), vm, VM, jail];
export const reached = [].filter.constructor("return process")();
// This eval( stands in a comment, and retrieval("1") is no call of it.
// TODO finish this.
