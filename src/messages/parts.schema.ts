import type { InputFieldMap } from '@pothos/core';
import type { builder } from '../graphql/builder.ts';
import type { NewPart } from './parts.ts';

type FieldBuilder = PothosSchemaTypes.InputFieldBuilder<(typeof builder)['$inferSchemaTypes'], 'InputObject'>;
type InputField = InputFieldMap[string];

/** An optional field of the inputs of mutations that send a message. It adds a part to the message. */
export interface PartInput<Value> {
  readonly name: string;
  readonly field: (t: FieldBuilder) => InputField;
  /**
   * The part of such a message; null for none.
   * @throws ValidationError
   */
  readonly partOf: (value: Value) => NewPart | null;
  /** Of a part that an edit can replace: the new one, and what the input says of it. */
  readonly edited?: {
    readonly field: (t: FieldBuilder) => InputField;
    /** @throws ValidationError */
    readonly partOf: (value: Value) => NewPart;
  };
}

const partInputs = new Map<string, PartInput<unknown>>();

/** Adds the field to all mutations that spread `partFields` into their input. */
export function addPartInput<Value>(input: PartInput<Value>): void {
  partInputs.set(input.name, input as PartInput<unknown>);
}

/** The fields of all parts. Their values are read with `partsOf`. */
export function partFields(t: FieldBuilder): Record<never, never> {
  return Object.fromEntries([...partInputs.values()].map(({ name, field }) => [name, field(t)]));
}

/** The parts that an input asks for. */
export function partsOf(input: object): NewPart[] {
  const given = input as Readonly<Record<string, unknown>>;
  const parts: NewPart[] = [];
  for (const { name, partOf } of partInputs.values()) {
    const part = given[name] == null ? null : partOf(given[name]);
    if (part) parts.push(part);
  }
  return parts;
}

/** The fields of the parts that an edit can replace. Their values are read with `editedPartsOf`. */
export function editFields(t: FieldBuilder): Record<never, never> {
  const fields = [...partInputs.values()].flatMap(({ name, edited }) =>
    edited ? [[name, edited.field(t)] as const] : [],
  );
  return Object.fromEntries(fields);
}

/** The parts that an edit replaces. */
export function editedPartsOf(input: object): NewPart[] {
  const given = input as Readonly<Record<string, unknown>>;
  return [...partInputs.values()].flatMap(({ name, edited }) =>
    edited && given[name] != null ? [edited.partOf(given[name])] : [],
  );
}
