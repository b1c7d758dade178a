/** What a run breaks. */
export interface Plan {
  /** How many of each kind. */
  readonly counts: Readonly<Record<string, number>>;
  /** Pairs of random kinds at once. */
  readonly combined: number;
  /** Between two faults, in ms. */
  readonly pause: readonly [number, number];
}
