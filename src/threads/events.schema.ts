import type { Context } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { accountEventType, roomEventType } from '../rooms/events.schema.ts';
import { threadStateChanged, threadUpdated } from './events.ts';
import { Thread } from './schema.ts';
import { loadThread, type ThreadRow, threadOrGone } from './threads.ts';

/** A thread that an event names is never removed. */
async function existing(ctx: Context, roomId: number, rootSeq: number): Promise<ThreadRow> {
  const thread = await loadThread(ctx, { roomId, rootSeq });
  if (!thread) throw new Error(`thread ${roomId}.${rootSeq} is gone`);
  return thread;
}

builder.objectField(roomEventType(threadUpdated), 'thread', (t) =>
  t.field({
    type: Thread,
    description: 'The thread as of the event or later.',
    resolve: ({ event }, _args, ctx) => existing(ctx, event.roomId, event.subject ?? 0),
  }),
);

builder.objectField(accountEventType(threadStateChanged), 'thread', (t) =>
  t.field({
    type: Thread,
    description:
      'The thread as of the event or later. If the viewer has lost access to its room since, only the id can be read.',
    resolve: ({ event: { roomId, roomSeq, createdAt } }, _args, ctx) =>
      threadOrGone(ctx, { roomId, rootSeq: roomSeq }, createdAt),
  }),
);
