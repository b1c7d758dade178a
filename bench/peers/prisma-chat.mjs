// A chat as the documentation of each part says: Yoga, graphql-ws, Pothos, and a Prisma transaction for each message.
import { randomUUID } from 'node:crypto';
import SchemaBuilder from '@pothos/core';
import PrismaPlugin from '@pothos/plugin-prisma';
import RelayPlugin from '@pothos/plugin-relay';
import { useServer } from 'graphql-ws/use/ws';
import { createPubSub, createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { getDatamodel } from './generated/pothos.ts';
import { openPrisma, postMessage } from './prisma.mjs';
import { listen, serve } from './serve.mjs';
import { countStatements, openPool } from './tables.mjs';
import { yogaOptions } from './yoga.mjs';

const pool = await openPool();
const prisma = openPrisma(pool);
const pubSub = createPubSub();
const users = new Map((await prisma.user.findMany()).map((user) => [user.id, user]));
const builder = new SchemaBuilder({
  plugins: [RelayPlugin, PrismaPlugin],
  prisma: { client: prisma, dmmf: getDatamodel() },
  relay: {},
});

const User = builder.prismaObject('User', {
  fields: (t) => ({
    id: t.id({ resolve: ({ id }) => String(id) }),
    displayName: t.exposeString('displayName'),
  }),
});
builder.prismaObject('Message', {
  fields: (t) => ({
    id: t.exposeID('id'),
    seq: t.int({ resolve: ({ seq }) => Number(seq) }),
    text: t.exposeString('text'),
    sentAt: t.string({ resolve: ({ createdAt }) => createdAt.toISOString() }),
    idempotencyKey: t.exposeString('idempotencyKey'),
    author: t.relation('author', { type: User }),
  }),
});
builder.queryType({
  fields: (t) => ({
    messages: t.prismaConnection({
      type: 'Message',
      cursor: 'id',
      args: { roomId: t.arg.id({ required: true }) },
      resolve: (query, _, { roomId }) =>
        prisma.message.findMany({ ...query, where: { roomId: BigInt(roomId) }, orderBy: { seq: 'asc' } }),
    }),
  }),
});
builder.mutationType({
  fields: (t) => ({
    sendMessage: t.prismaField({
      type: 'Message',
      args: {
        roomId: t.arg.id({ required: true }),
        authorId: t.arg.id({ required: true }),
        key: t.arg.id({ required: true }),
        text: t.arg.string({ required: true }),
      },
      resolve: async (_query, _, { roomId, authorId, key, text }) => {
        const message = await postMessage(prisma, {
          id: randomUUID(),
          roomId: BigInt(roomId),
          authorId: BigInt(authorId),
          key,
          text,
        });
        // Who asks is known in any chat: no subscriber has to look the author up.
        pubSub.publish(String(roomId), { ...message, author: users.get(message.authorId) });
        return message;
      },
    }),
  }),
});
builder.subscriptionType({
  fields: (t) => ({
    room: t.prismaField({
      type: 'Message',
      args: { id: t.arg.id({ required: true }) },
      subscribe: (_, { id }) => pubSub.subscribe(String(id)),
      resolve: (_query, message) => message,
    }),
  }),
});

/** A room's history to read: so many messages by fifty authors. */
const fill = ({ room, messages }) =>
  pool.query(`INSERT INTO messages (id, room_id, seq, author_id, idempotency_key, text)
    SELECT gen_random_uuid(), ${room}, i, i % 50, 'key-' || i, 'A message that is as long as many are, which is a line or two, says the book; number ' || i
    FROM generate_series(1, ${messages}) i; ANALYZE messages`);

const yoga = createYoga({ schema: builder.toSchema(), logging: false });
const server = await listen(yoga);
useServer(yogaOptions(yoga), new WebSocketServer({ server, path: '/graphql' }));
serve(server.address().port, { statements: countStatements, fill: async (room) => void (await fill(room)) });
