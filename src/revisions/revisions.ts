import DataLoader from 'dataloader';
import { type Context, perScope } from '../context.ts';
import { type Connection, connectionOf, listKeys, type PageArgs, pageOf } from '../graphql/paging.ts';
import type { ShownMessage } from '../messages/messages.ts';
import { allows, rightsIn } from '../rooms/permissions.ts';
import { listRevisionPages, type RevisionRow, type RevisionsPage } from './store.ts';

export type { RevisionRow };

/** Earlier texts that are kept of a message. The function `apply_edits` uses the same number. */
export const MAX_REVISIONS = 100;
/** Items of a page if the client does not say how many. */
export const REVISIONS_PAGE_SIZE = 10;

const revisionsLoader = perScope(
  ({ node }) =>
    new DataLoader<RevisionsPage, readonly RevisionRow[], string>(
      (pages) => listRevisionPages(node.db.read, pages),
      { cacheKeyFn: ({ roomId, roomSeq, before, limit }) => `${roomId} ${roomSeq} ${before} ${limit}` },
    ),
);

const revisionKeys = listKeys('revisions', 'number', 'number', 'number');

/** A page of the earlier texts of a message, the newest first; null if the viewer may not read them. */
export async function listRevisions(
  ctx: Context,
  message: ShownMessage,
  args: Pick<PageArgs, 'first' | 'after'>,
): Promise<Connection<RevisionRow> | null> {
  const { roomId, roomSeq } = message;
  if (!(await mayRead(ctx, message))) return null;
  const decode = (cursor: string) => {
    const [room, seq, version] = revisionKeys.decode(cursor) ?? [];
    return room === roomId && seq === roomSeq ? (version ?? null) : null;
  };
  const page = pageOf(args, decode, { size: REVISIONS_PAGE_SIZE });
  const before = page.after ?? message.version;
  const rows = await revisionsLoader(ctx).load({ roomId, roomSeq, before, limit: page.size + 1 });
  return connectionOf(rows, page, ({ version }) => revisionKeys.encode(roomId, roomSeq, version));
}

/** The author may, while a member, and members who can delete messages of others. A deleted message has none. */
async function mayRead(ctx: Context, { roomId, authorId, deletedAt }: ShownMessage): Promise<boolean> {
  if (deletedAt !== null) return false;
  const rights = await rightsIn(ctx, roomId);
  return rights !== null && (ctx.viewer?.userId === authorId || allows(rights, 'DELETE_MESSAGES'));
}
