import DataLoader from 'dataloader';
import { type Context, perScope, perViewer } from '../context.ts';
import { idOf } from '../graphql/ids.ts';
import type { Sql } from '../platform/db.ts';
import { findUserByName as findByName, findUsers, shareRoom, type UserRow } from './store.ts';

export type { UserRow } from './store.ts';

const userLoader = perScope(
  ({ node }) =>
    new DataLoader<number, UserRow | null>(async (ids) => {
      const rows = new Map((await findUsers(node.db.read, ids)).map((row) => [row.id, row]));
      return ids.map((id) => rows.get(id) ?? null);
    }),
);

/** Returns null for a user who does not exist. An erased account exists, and is marked as erased. */
export function findUser(ctx: Context, id: number): Promise<UserRow | null> {
  return userLoader(ctx).load(id);
}

/** Whom a guest knows: the members of the own room. */
const knownLoader = perViewer(
  ({ node, viewer }) =>
    new DataLoader<number, boolean>((ids) => shareRoom(node.db.read, viewer?.userId ?? 0, ids)),
);

/** Returns a user whom the viewer may find by id, or null. Guests find themselves and the members of their room. */
export async function findKnownUser(ctx: Context, id: number): Promise<UserRow | null> {
  const { viewer } = ctx;
  if (!viewer) return null;
  const isKnown = !viewer.isGuest || viewer.userId === id || (await knownLoader(ctx).load(id));
  return isKnown ? findUser(ctx, id) : null;
}

/** Reads the public data of these users, in any order. */
export function findPeople(sql: Sql, ids: readonly number[]): Promise<UserRow[]> {
  return findUsers(sql, ids);
}

/**
 * Loads a user that one of our rows names; accounts are erased, never removed. Synchronous if the shown event carries
 * the user.
 */
export function loadUser(ctx: Context, id: number): UserRow | Promise<UserRow> {
  return ctx.people?.find((person) => person.id === id) ?? readUser(ctx, id);
}

async function readUser(ctx: Context, id: number): Promise<UserRow> {
  const user = await findUser(ctx, id);
  if (!user) throw new Error(`there is no user ${id}`);
  return user;
}

/** Returns the user with that global id, or null for any other text. */
export async function findUserByGlobalId(ctx: Context, globalId: string): Promise<UserRow | null> {
  const id = idOf('User', globalId);
  return id === null ? null : findKnownUser(ctx, id);
}

/** Regardless of case. */
export function findUserByName(ctx: Context, username: string): Promise<UserRow | null> {
  return findByName(ctx.node.db.read, username);
}
