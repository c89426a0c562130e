export interface Kernel { readonly ok: true }
