export interface Mutant { readonly name: string; readonly only: string; }
export const mutants: readonly Mutant[] = [];
