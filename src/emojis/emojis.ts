import DataLoader from 'dataloader';
import { type Context, perScope, type Services, type SignedIn } from '../context.ts';
import {
  type Connection,
  connectionOf,
  listKeys,
  PAGE_SIZE,
  type PageArgs,
  pageOf,
} from '../graphql/paging.ts';
import type { StatusRefusals } from '../platform/database-codes.ts';
import { invalid, refuse } from '../platform/errors.ts';
import * as store from './store.ts';

export type { EmojiRow } from './store.ts';

/** Maximum of emoji of a server. The function `create_emoji` uses the same number. */
export const MAX_EMOJIS = 1_000;

const NAME = /^[a-z0-9_]{2,32}$/;
const CODE = /^:([a-z0-9_]{2,32}):$/;

/** The name in a code such as `:party:`; null for any other text. Also of emoji that do not exist. */
export const emojiNameIn = (text: string): string | null => CODE.exec(text)?.[1] ?? null;

// -- changing ------------------------------------------------------------------------------------

export const emojiRefusals: StatusRefusals = {
  FORBIDDEN: () => refuse('PERMISSION_DENIED', 'Only administrators of the server may change its emoji.'),
  LIMIT: () => refuse('CONFLICT', `A server can have at most ${MAX_EMOJIS} emoji. Delete one first.`),
};

interface Named {
  readonly name: string;
}

/** Creating an emoji that exists succeeds. */
export async function createEmoji(ctx: SignedIn, { name }: Named): Promise<Named> {
  requireName(name);
  await change(ctx, name, store.insertEmoji);
  return { name };
}

/** Deleting an emoji that does not exist succeeds. */
export async function deleteEmoji(ctx: SignedIn, { name }: Named): Promise<Named> {
  requireName(name);
  await change(ctx, name, store.removeEmoji);
  return { name };
}

/** What an operator does from the command line. Returns whether it changed something. @throws ValidationError, ConflictError */
export async function setEmoji(
  { db }: Pick<Services, 'db'>,
  name: string,
  exists: boolean,
): Promise<boolean> {
  requireName(name, 'name');
  const status = await (exists ? store.insertEmoji : store.removeEmoji)(db.write, null, name);
  const refusal = emojiRefusals[status];
  if (refusal) throw refusal();
  return status === 'OK';
}

async function change(
  { node, viewer }: SignedIn,
  name: string,
  make: typeof store.insertEmoji,
): Promise<void> {
  await node.limits.spend('change', viewer.userId);
  const status = await node.changes.run('emojis', (sql) => make(sql, viewer.userId, name));
  const refusal = emojiRefusals[status];
  if (refusal) throw refusal();
}

function requireName(name: string, field = 'input.name'): void {
  if (!NAME.test(name))
    throw invalid(field, 'The name of an emoji has 2 to 32 of these characters: a-z, 0-9 and _.');
}

// -- reading -------------------------------------------------------------------------------------

const emojiLoader = perScope(
  ({ node }) =>
    new DataLoader<string, store.EmojiRow | null>(async (names) => {
      const found = new Map((await store.findByNames(node.db.read, names)).map((row) => [row.name, row]));
      return names.map((name) => found.get(name) ?? null);
    }),
);

/** The emoji of that name; null if there is none. */
export const findEmoji = (ctx: Context, name: string): Promise<store.EmojiRow | null> =>
  emojiLoader(ctx).load(name);

export const findEmojiById = ({ node }: Context, id: number): Promise<store.EmojiRow | null> =>
  store.findById(node.db.read, id);

const emojiKeys = listKeys('emojis', 'string');

/** A page of the emoji of this server, by name. */
export async function listEmojis(
  { node }: Context,
  args: Pick<PageArgs, 'first' | 'after'>,
): Promise<Connection<store.EmojiRow>> {
  const page = pageOf(args, (cursor) => emojiKeys.decode(cursor)?.[0] ?? null, { size: PAGE_SIZE });
  const rows = await store.listEmojis(node.db.read, page.after ?? '', page.size + 1);
  return connectionOf(rows, page, ({ name }) => emojiKeys.encode(name));
}
