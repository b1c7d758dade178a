import type { ParseArgsConfig } from 'node:util';
import type { Desk } from './desk.ts';

/** The arguments of the command are wrong. */
export class UsageError extends Error {}

export type Options = NonNullable<ParseArgsConfig['options']>;

export interface Given {
  option(name: string): string | undefined;
  /** @throws UsageError */
  required(name: string): string;
  has(flag: string): boolean;
  readonly operands: readonly string[];
}

export interface Command {
  readonly usage: string;
  readonly says: string;
  readonly options?: Options;
  readonly operands?: number;
  run(desk: Desk, given: Given): Promise<void>;
}

export const say = (line: string) => console.log(line);

/** @throws UsageError */
export function numberIn(given: Given, name: string): number {
  const number = Number(given.required(name));
  if (!Number.isSafeInteger(number) || number < 1)
    throw new UsageError(`--${name} must be a whole number, at least 1`);
  return number;
}
