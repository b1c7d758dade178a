/**
 * Checks the schema for clients: everything has a description, the settled core is complete, and nothing from the last
 * release is missing.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import {
  buildSchema,
  type GraphQLArgument,
  type GraphQLNamedType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isSpecifiedDirective,
  isSpecifiedScalarType,
  isUnionType,
} from 'graphql';

const COMMITTED = 'schema.graphql';
const CORE = 'test/contract/core.graphql';
const RELEASED = 'test/contract/released';

export async function checkSchema(schema: GraphQLSchema): Promise<string[]> {
  const released = lastReleased();
  return [
    ...undescribed(schema),
    ...undatedDeprecations(schema),
    ...clashingFields(schema),
    ...missingFromCore(schema, readSchema(CORE)),
    ...(released ? await breakingChanges(readSchema(released), schema) : []),
  ];
}

/** GraphiQL is the manual, so everything needs a description. */
export function undescribed(schema: GraphQLSchema): string[] {
  return elements(schema)
    .filter(({ description }) => !description?.trim())
    .map(({ name }) => `${name} has no description`);
}

/** Clients that still use it must know when it ends. */
export function undatedDeprecations(schema: GraphQLSchema): string[] {
  return elements(schema)
    .filter(({ deprecationReason: reason }) => reason && !/\b\d{4}-\d{2}-\d{2}\b/.test(reason))
    .map(({ name }) => `${name} is deprecated without the date (YYYY-MM-DD) of its removal`);
}

/** Inside one union a field name has one type, so that any document can select its members side by side. */
export function clashingFields(schema: GraphQLSchema): string[] {
  const fields = ownTypes(schema)
    .filter(isUnionType)
    .flatMap((union) => union.getTypes().flatMap((member) => fieldsOf(union.name, member)));
  return fields.flatMap((field) => {
    const first = fields.find(({ union, name }) => union === field.union && name === field.name) ?? field;
    if (first.type === field.type) return [];
    return [
      `${field.union}: ${field.name} is ${first.type} in ${first.member} and ${field.type} in ${field.member}`,
    ];
  });
}

/** The schema may have more than the core; everything in the core must exist with exactly that type. */
export function missingFromCore(schema: GraphQLSchema, core: GraphQLSchema): string[] {
  const offered = facts(schema);
  const promised = facts(core);
  const broken = [...promised].flatMap(([name, type]) => {
    const found = offered.get(name);
    if (found === undefined) return [`${name} is in the core and missing here`];
    return found === type ? [] : [`${name} is ${type} in the core and ${found} here`];
  });
  const demanded = elements(schema)
    .filter(({ name, owner, isRequired }) => isRequired && promised.has(owner) && !promised.has(name))
    .map(({ name }) => `${name} is required here, and clients of the core do not send it`);
  return [...broken, ...demanded];
}

export async function breakingChanges(released: GraphQLSchema, now: GraphQLSchema): Promise<string[]> {
  const changes = await diff(released, now);
  return changes
    .filter(({ criticality }) => criticality.level === CriticalityLevel.Breaking)
    .map(({ message }) => `breaks clients of the last release: ${message}`);
}

/** Files are named after their version; there is none before the first release. */
export function lastReleased(folder = RELEASED): string | undefined {
  if (!existsSync(folder)) return undefined;
  const releases = readdirSync(folder).filter((name) => name.endsWith('.graphql'));
  const last = releases.sort(new Intl.Collator('en', { numeric: true }).compare).at(-1);
  return last && join(folder, last);
}

export function readSchema(file: string): GraphQLSchema {
  return buildSchema(readFileSync(file, 'utf8'));
}

/** A type, field, argument, enum value, input field or directive. */
interface Element {
  /** As in `Room.messages(first:)`. */
  name: string;
  owner: string;
  /** Its type as a client writes it; for a type, its kind. */
  type: string;
  description?: string | null | undefined;
  deprecationReason?: string | null | undefined;
  /** Whether a client must send it. */
  isRequired?: boolean;
}

function elements(schema: GraphQLSchema): Element[] {
  const directives = schema.getDirectives().filter((each) => !isSpecifiedDirective(each));
  return [
    ...ownTypes(schema).flatMap((type) => [asElement(type), ...partsOf(type)]),
    ...directives.flatMap(({ name, description, args }) => [
      { name: `@${name}`, owner: '', type: 'directive', description },
      ...argumentsOf(`@${name}`, args),
    ]),
  ];
}

function asElement(type: GraphQLNamedType): Element {
  return { name: type.name, owner: '', type: type[Symbol.toStringTag], description: type.description };
}

function partsOf(type: GraphQLNamedType): Element[] {
  const owner = type.name;
  if (isEnumType(type)) {
    return type.getValues().map((each) => ({ ...each, owner, name: `${owner}.${each.name}`, type: owner }));
  }
  if (isInputObjectType(type)) {
    return Object.values(type.getFields()).map((each) => ({
      ...each,
      owner,
      name: `${owner}.${each.name}`,
      type: String(each.type),
      isRequired: isRequiredInputField(each),
    }));
  }
  if (!isObjectType(type) && !isInterfaceType(type)) return [];
  return Object.values(type.getFields()).flatMap((each) => {
    const name = `${owner}.${each.name}`;
    return [{ ...each, owner, name, type: String(each.type) }, ...argumentsOf(name, each.args)];
  });
}

function argumentsOf(owner: string, args: readonly GraphQLArgument[]): Element[] {
  return args.map((each) => ({
    ...each,
    owner,
    name: `${owner}(${each.name}:)`,
    type: String(each.type),
    isRequired: isRequiredArgument(each),
  }));
}

/** Everything that a document can use, by name. */
function facts(schema: GraphQLSchema): Map<string, string> {
  const memberships = ownTypes(schema).flatMap((type) => {
    if (isUnionType(type)) return type.getTypes().map((member) => `${type.name} = ${member.name}`);
    if (isInputObjectType(type)) return type.isOneOf ? [`${type.name} @oneOf`] : [];
    if (!isObjectType(type) && !isInterfaceType(type)) return [];
    return type.getInterfaces().map((each) => `${type.name} implements ${each.name}`);
  });
  return new Map([
    ...elements(schema).map(({ name, type }) => [name, type] as const),
    ...memberships.map((each) => [each, 'so'] as const),
  ]);
}

function fieldsOf(union: string, member: GraphQLNamedType) {
  if (!isObjectType(member)) return [];
  return Object.values(member.getFields()).map(({ name, type }) => ({
    union,
    member: member.name,
    name,
    type: String(type),
  }));
}

function ownTypes(schema: GraphQLSchema): GraphQLNamedType[] {
  return Object.values(schema.getTypeMap()).filter(
    (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
  );
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const complaints = await checkSchema(readSchema(COMMITTED));
  for (const each of complaints) console.error(`${COMMITTED}: ${each}`);
  if (complaints.length > 0) process.exitCode = 1;
}
