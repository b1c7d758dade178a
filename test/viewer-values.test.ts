import {
  type GraphQLFieldConfig,
  GraphQLInt,
  GraphQLObjectType,
  type GraphQLScalarType,
  GraphQLSchema,
  GraphQLString,
  getNamedType,
  isLeafType,
  isObjectType,
  type OperationDefinitionNode,
  parse,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import type { Context, Services, Viewpoint } from '../src/context.ts';
import { FrameWriter } from '../src/delivery/frames.ts';
import { Payload } from '../src/delivery/payload.ts';
import { SharedOperations } from '../src/delivery/shared-operations.ts';
import type { RoomItem } from '../src/eventlog/streams/items.ts';
import { forViewerOf } from '../src/graphql/execution/placeholders.ts';
import { createMetrics } from '../src/platform/telemetry.ts';
import { schema } from '../src/schema.ts';

// One execution serves all subscribers, whatever differs between them.

const SUBSCRIBERS = 1_000;

/** A field that is shown to viewers of a role as `show` says, and how often it was prepared and shown. */
function viewerField(show: (role: number) => unknown, type: GraphQLScalarType = GraphQLString) {
  const counts = { prepared: 0, shown: 0 };
  const prepare = () => {
    counts.prepared++;
    return (viewer: Viewpoint) => {
      counts.shown++;
      return show(viewer.rightsIn(1)?.role ?? 0);
    };
  };
  const field: GraphQLFieldConfig<RoomItem, Context> = {
    type,
    extensions: { forViewer: prepare },
    resolve: (_item, _args, ctx) => prepare()(ctx.viewpoint as Viewpoint),
  };
  return { field, counts };
}

/** A subscription with that field, and what each of many subscribers gets of one event. */
async function deliver(
  { field }: { readonly field: GraphQLFieldConfig<RoomItem, Context> },
  isForAll: boolean,
  roleOf: (userId: number) => number = (userId) => userId,
) {
  const rights = Array.from({ length: SUBSCRIBERS + 1 }, (_, role) => ({
    role,
    permissions: 0,
    isArchived: false,
    isTimedOut: false,
  }));
  const metrics = createMetrics();
  const Item = new GraphQLObjectType<RoomItem, Context>({
    name: 'Item',
    fields: {
      text: { type: GraphQLString, resolve: () => 'said "so", "0_"' },
      own: field,
      cursor: { type: GraphQLString },
      again: field,
    },
  });
  const root = { room: { type: Item, resolve: (item: RoomItem) => item } };
  const shared = new SharedOperations({
    schema: new GraphQLSchema({
      query: new GraphQLObjectType({ name: 'Query', fields: root }),
      subscription: new GraphQLObjectType({ name: 'Subscription', fields: root }),
    }),
    services: { metrics } as Services,
    mask: (result) => result,
  });
  const document = parse('subscription { room { text own cursor again } }');
  const { operation } = shared.use(
    { document, node: document.definitions[0] as OperationDefinitionNode },
    null,
  );
  const event = { roomId: 1, roomSeq: 1, kind: 'MessageCreated', people: [] } as unknown as RoomItem['event'];

  const payloads: Payload[] = [];
  for (let userId = 1; userId <= SUBSCRIBERS; userId++) {
    const item = { kind: event.kind, epoch: 1, event, cursor: isForAll ? 'all' : `at ${userId}` };
    const viewpoint: Viewpoint = {
      isViewer: (id) => id === userId,
      valueIn: (values) => values.get(userId),
      rightsIn: () => rights[roleOf(userId)] ?? null,
      unreadIn: () => null,
      unreadTotals: () => null,
    };
    const ctx = { connection: { viewer: { userId } } } as Context;
    payloads.push(await operation.render(isForAll ? { ...item, isForAll } : item, { ctx, viewpoint }));
  }
  const { values } = await metrics.executions.get();
  const executions = Object.fromEntries(values.map(({ labels, value }) => [labels['scope'], value]));
  return { payloads, results: payloads.map((payload) => JSON.parse(String(payload))), executions };
}

describe('a value of the viewer', () => {
  test.each([true, false])(
    'differs for each of a thousand subscribers of one execution (one cursor: %s)',
    async (isForAll) => {
      const own = viewerField((userId) => `"${userId}" ☂`);
      const { results, executions } = await deliver(own, isForAll);
      expect(executions).toEqual({ shared: 1 });
      expect(own.counts).toEqual({ prepared: 2, shown: 2 * SUBSCRIBERS });
      const expected = results.map((_result, i) => {
        const value = `"${i + 1}" ☂`;
        const cursor = isForAll ? 'all' : `at ${i + 1}`;
        return { data: { room: { text: 'said "so", "0_"', own: value, cursor, again: value } } };
      });
      expect(results).toEqual(expected);
    },
  );

  test('is the same bytes for viewers with equal values', async () => {
    const { payloads, executions } = await deliver(
      viewerField((userId) => `${userId % 3}`),
      true,
    );
    expect(executions).toEqual({ shared: 1 });
    for (const piece of [1, 3]) expect(new Set(payloads.map(({ pieces }) => pieces[piece])).size).toBe(3);
  });

  test('has one width for all viewers after the widest of them, so that frames are patched', async () => {
    const own = viewerField((userId) => 'x'.repeat(userId % 90));
    const { payloads } = await deliver(own, true);
    expect(new Set(payloads.slice(90).map(({ length }) => length)).size).toBe(1);
  });

  test.each([
    [GraphQLInt, [0, 9, 10, 4_095, 4_096, 2_147_483_647, null, -1]],
    [GraphQLString, ['7', '10', '4096', '', null, '12345678901']],
  ])('is right for every number (as %s)', async (type, values) => {
    const valueOf = (role: number) => values[role % values.length];
    const shown = (role: number) => (valueOf(role) ? Number(valueOf(role)) : valueOf(role));
    const { results } = await deliver(viewerField(shown, type), true);
    expect(results.map(({ data }) => data.room.own)).toEqual(results.map((_, i) => valueOf(i + 1)));
  });

  test('is made for few viewers, if most have the same rights', async () => {
    const own = viewerField((role) => `${role}`);
    const { results } = await deliver(own, true, (userId) => Math.min(userId, 20));
    expect(results.map(({ data }) => data.room.own)).toEqual(results.map((_, i) => `${Math.min(i + 1, 20)}`));
    expect(own.counts.shown).toBeLessThan(2 * 100);
  });

  test.each([2, 3, 5, 9, 17])('is the own one where %i kinds of viewers alternate', async (kinds) => {
    const own = viewerField((role) => `${role}`);
    const { results } = await deliver(own, true, (userId) => userId % kinds);
    expect(results.map(({ data }) => data.room.own)).toEqual(results.map((_, i) => `${(i + 1) % kinds}`));
  });

  test('that is much shorter than others is not padded', async () => {
    const own = viewerField((userId) => 'x'.repeat(userId === 1 ? 1_000 : 1));
    const { payloads } = await deliver(own, true);
    expect(payloads[1]?.length).toBeLessThan(1_000);
  });

  test('that fails for one viewer fails in an execution for that viewer alone', async () => {
    const fails = (userId: number) => {
      if (userId === 7) throw new Error('seven');
      return `${userId}`;
    };
    const { results, executions } = await deliver(viewerField(fails), true);
    expect(executions).toEqual({ shared: 1, viewer: 1 });
    expect(results[6]).toMatchObject({
      errors: [{ message: 'seven', path: ['room', 'own'] }, { path: ['room', 'again'] }],
      data: { room: { own: null, cursor: 'all' } },
    });
    expect(results.filter(({ errors }) => errors)).toHaveLength(1);
  });
});

test('frames are the same bytes, whatever was written before them', () => {
  const writer = new FrameWriter();
  const middle = Buffer.from('middle');
  const [text, long] = [Buffer.from('{"data":'), Buffer.from('x'.repeat(70_000))];
  const values = ['true', 'null', 'false', '"☂"', '"over the hills"'].map((value) => Buffer.from(value));
  for (let i = 0; i < 500; i++) {
    const frames = Array.from({ length: 1 + (i % 7 === 0 ? 2 : 0) }, (_, n) => {
      const [first, second] = [values[(i * 7) % 5], values[(i * i + n) % 5]] as [Buffer, Buffer];
      const pieces = i % 11 === 0 ? [long, first, text] : [text, first, text, second];
      return { prefix: Buffer.from(`prefix ${i % 13}`), middle, payload: new Payload(pieces) };
    });
    expect(writer.encode(frames).equals(new FrameWriter().encode(frames))).toBe(true);
    if (i % 17 === 0) writer.keep();
  }
});

test('fields of the schema that depend on the viewer are leaves, without arguments', () => {
  const fields = Object.values(schema.getTypeMap())
    .filter(isObjectType)
    .flatMap((type) =>
      Object.values(type.getFields()).map((field) => ({ name: `${type.name}.${field.name}`, field })),
    )
    .filter(({ field }) => forViewerOf(field));
  expect(fields.map(({ name }) => name)).toContain('Message.viewerCanEdit');
  const unfit = fields.filter(({ field }) => !isLeafType(getNamedType(field.type)) || field.args.length > 0);
  expect(unfit.map(({ name }) => name)).toEqual([]);
});
