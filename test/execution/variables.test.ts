import {
  type GraphQLInputType,
  type GraphQLNamedInputType,
  getOperationAST,
  getVariableValues,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { OperationVariables } from '../../src/graphql/execution/variables.ts';
import { schema } from '../../src/schema.ts';
import { Random } from '../faults/random.ts';

// Variables are coerced like graphql-js' `getVariableValues` does it: values, and errors with their texts.

const SEED = Number(process.env['EXECUTION_SEED'] ?? 1);
const PER_TYPE = 60;

const types = Object.values(schema.getTypeMap()).filter((type) =>
  isInputType(type),
) as GraphQLNamedInputType[];

const SCALARS: Readonly<Record<string, readonly unknown[]>> = {
  ID: ['room_1', '', 7],
  String: ['text', '', '\u0000'],
  Int: [1, -1, 0],
  Float: [1.5, 2],
  Boolean: [true, false],
  DateTime: ['2026-01-31T12:00:00.000Z'],
};
const ODD = [
  null,
  undefined,
  'odd',
  1.25,
  2 ** 40,
  true,
  [],
  [null],
  [['x']],
  {},
  { odd: 1 },
  Symbol.iterator,
];

class ValueWriter {
  private readonly random: Random;
  /** How many of ten values are odd. */
  private readonly odd: number;

  constructor(random: Random, odd: number) {
    this.random = random;
    this.odd = odd;
  }

  write(type: GraphQLInputType, depth = 0): unknown {
    if (this.random.below(10) < this.odd) return this.random.pick(ODD);
    if (isNonNullType(type)) return this.write(type.ofType, depth);
    if (depth > 0 && this.random.below(8) === 0) return null;
    if (isListType(type))
      return Array.from({ length: this.random.below(3) }, () => this.write(type.ofType, depth + 1));
    if (isInputObjectType(type)) return this.writeObject(type, depth);
    if (isEnumType(type)) return this.random.pick(type.getValues()).name;
    return this.random.pick(SCALARS[type.name] ?? ['1']);
  }

  private writeObject(type: GraphQLNamedInputType, depth: number): unknown {
    if (!isInputObjectType(type)) throw new Error(type.name);
    const fields = Object.values(type.getFields()).filter(
      (field) => (isNonNullType(field.type) && this.odd === 0) || (depth < 4 && this.random.below(3) > 0),
    );
    return Object.fromEntries(fields.map((field) => [field.name, this.write(field.type, depth + 1)]));
  }
}

const operationOf = (text: string) => getOperationAST(parse(text)) as OperationDefinitionNode;

function compare(operation: OperationDefinitionNode, given: Record<string, unknown>): boolean {
  const { errors, coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given, {
    maxErrors: 50,
    hideSuggestions: true,
  });
  const actual = new OperationVariables(schema, operation, true).coerce(given);
  const plain = (value: unknown) => JSON.parse(JSON.stringify(value ?? null));
  if ('errors' in actual) expect(plain(actual.errors)).toEqual(plain(errors));
  else expect(actual.values).toEqual(coerced);
  return !errors;
}

describe.for([0, 1, 4])('%i of 10 values are odd', (odd) => {
  test('every input type: the values and the errors of graphql-js', () => {
    const random = new Random(SEED + odd);
    const writer = new ValueWriter(random, odd);
    let accepted = 0;
    for (const type of types) {
      const wrapped = random.pick([`${type.name}`, `${type.name}!`, `[${type.name}!]`, `[[${type.name}]!]!`]);
      const operation = operationOf(`query ($v: ${wrapped}) { __typename }`);
      for (let i = 0; i < PER_TYPE; i++) {
        const one = writer.write(type);
        const value = wrapped.startsWith('[[') ? [[one], []] : wrapped.startsWith('[') ? [one, one] : one;
        if (compare(operation, { v: value, more: 1 })) accepted++;
      }
    }
    if (odd === 0) expect(accepted).toBeGreaterThan(types.length * PER_TYPE * 0.5);
    else expect(accepted).toBeLessThan(types.length * PER_TYPE);
  });
});

test.for([
  ['a default', 'query ($v: Int = 3) { __typename }', {}],
  ['null in place of a default', 'query ($v: Int = 3) { __typename }', { v: null }],
  ['no value', 'query ($v: Int) { __typename }', {}],
  ['no value for a required one', 'query ($v: Int!) { __typename }', {}],
  ['undefined', 'query ($v: Int) { __typename }', { v: undefined }],
  ['a required one with a default', 'query ($v: Int! = 4) { __typename }', {}],
  ['an inherited name', 'query ($toString: String) { __typename }', {}],
  ['a type that is no input', 'query ($v: Room) { __typename }', { v: {} }],
  ['an unknown type', 'query ($v: Nothing) { __typename }', { v: 1 }],
  ['a list of one that is no list', 'query ($v: [Int!]!) { __typename }', { v: 1 }],
  ['a wrong enum', 'query ($v: RoomOrder) { __typename }', { v: 'NOPE' }],
  [
    'an own field __proto__',
    'query ($v: SendMessageInput) { __typename }',
    { v: JSON.parse('{"__proto__": {"text": "x"}, "roomId": "1", "idempotencyKey": "k"}') },
  ],
] as const)('%s: as graphql-js', ([, text, given]) => {
  compare(operationOf(text), given);
});
