import { type GraphQLSchema, isInterfaceType, isObjectType } from 'graphql';
import { type EventKind, type EventRegistry, unavailable } from '../../src/eventlog/registry.ts';
import { selectionOf } from '../faults/documents.ts';

/** The parts of a kind that are outside of its registration. */
export interface Parts {
  readonly schema: GraphQLSchema;
  /** The text of the reference reducer, and of its documents. */
  readonly reducer: string;
  readonly documents: string;
  /** The kinds that a test knows how to cause. */
  readonly causes: ReadonlySet<string>;
}

/** Lists the missing parts of each registered kind of event; each sentence says what to add, and where. */
export function missingParts(registry: EventRegistry, parts: Parts): string[] {
  const room = registry.roomKinds.flatMap((kind) => missingOf(kind, 'RoomEvent', parts));
  const account = registry.accountKinds.flatMap((kind) => missingOf(kind, 'AccountEvent', parts));
  return [...room, ...account, ...unregistered(registry, parts.schema)];
}

function missingOf(kind: EventKind, shared: string, parts: Parts): string[] {
  return [
    ...wrongType(kind, shared, parts.schema),
    ...unfollowed(kind, parts),
    ...(parts.causes.has(kind.name)
      ? []
      : [`${kind.name}: add how a test causes it to test/harness/event-causes.ts`]),
  ];
}

function wrongType({ name, fields }: EventKind, shared: string, schema: GraphQLSchema): string[] {
  const [type, base] = [schema.getType(name), schema.getType(shared)];
  if (!isObjectType(type) || !isInterfaceType(base))
    return [`${name}: add its GraphQL type to the events.schema.ts of its concept`];
  if (!type.getInterfaces().includes(base)) return [`${name}: its GraphQL type has to implement ${shared}`];
  const declared = new Set(fields);
  const own = Object.keys(type.getFields()).filter((field) => !(field in base.getFields()));
  const unsaid = own.filter((field) => !declared.has(field));
  const unmade = fields.filter((field) => !(field in type.getFields()));
  return [
    ...unsaid.map((field) => `${name}.${field}: add it to \`fields\` of the registration`),
    ...unmade.map((field) => `${name}.${field}: add it to the GraphQL type, or remove it from \`fields\``),
    ...unselected({ name, fields }, unmade, schema),
  ];
}

function unselected(
  kind: Pick<EventKind, 'name' | 'fields'>,
  unmade: readonly string[],
  schema: GraphQLSchema,
): string[] {
  try {
    selectionOf({ ...kind, fields: kind.fields.filter((field) => !unmade.includes(field)) }, schema);
    return [];
  } catch (error) {
    return [(error as Error).message];
  }
}

function unfollowed({ name, fields, clientRule }: EventKind, { reducer, documents }: Parts): string[] {
  return [
    ...(reducer.includes(`'${name}'`)
      ? []
      : [`${name}: apply it in packages/client/src/reducer.ts (${clientRule})`]),
    ...(fields.length === 0 || documents.includes(`... on ${name} {`)
      ? []
      : [`${name}: select its fields in packages/client/src/documents/inbox.graphql`]),
  ];
}

/** Types of events that no kind is registered for. */
function unregistered(registry: EventRegistry, schema: GraphQLSchema): string[] {
  const kinds = [...registry.roomKinds, ...registry.accountKinds, unavailable.room, unavailable.account];
  const names = new Set(kinds.map(({ name }) => name));
  return ['RoomEvent', 'AccountEvent']
    .flatMap((name) => {
      const type = schema.getType(name);
      return isInterfaceType(type) ? schema.getImplementations(type).objects : [];
    })
    .filter(({ name }) => !names.has(name))
    .map(({ name }) => `${name}: add its registration to the events.ts and the capability.ts of its concept`);
}
