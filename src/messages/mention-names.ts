import type { ReservedName } from '../accounts/credentials.ts';
import { roles } from '../platform/database-codes.ts';
import { invalid } from '../platform/errors.ts';
import { parseContent } from './content.ts';

/** Different people that one message may mention. */
export const MAX_MENTIONS = 50;

/** Members that a message mentions together, by what stands behind the @. */
export const mentionGroups = {
  room: null,
  /** Nobody knows yet who is present. */
  here: null,
  owners: roles.OWNER,
  admins: roles.ADMIN,
  moderators: roles.MODERATOR,
} as const satisfies Record<ReservedName, number | null>;

export type GroupName = keyof typeof mentionGroups;

/** The group of that name, regardless of case; undefined if there is none. */
export function groupOf(name: string): GroupName | undefined {
  const lower = name.toLowerCase();
  return Object.hasOwn(mentionGroups, lower) ? (lower as GroupName) : undefined;
}

/** Whom a text names with @, before anybody has looked whether they are in the room. */
export interface MentionedNames {
  /** In lower case, each once. */
  readonly names: readonly string[];
  readonly isEverybody: boolean;
  /** Ranks. */
  readonly roles: readonly number[];
}

const NOBODY: MentionedNames = { names: [], isEverybody: false, roles: [] };

/**
 * The names that a text mentions: `@username`, `@room` and `@here` for all members, and names of roles. Code and addresses
 * mention nobody. Linear in the length of the text.
 * @throws ValidationError where there are more than MAX_MENTIONS
 */
export function mentionedNames(text: string, field = 'input.text'): MentionedNames {
  if (!text.includes('@')) return NOBODY;
  const found = [...new Set(parseContent(text).names.map((name) => name.toLowerCase()))];
  const names = found.filter((name) => !groupOf(name));
  if (names.length > MAX_MENTIONS) throw invalid(field, `A message mentions at most ${MAX_MENTIONS} people.`);
  const ranks = found.map(groupOf).flatMap((group) => (group ? [mentionGroups[group]] : []));
  return {
    names,
    isEverybody: ranks.includes(null),
    roles: ranks.filter((rank) => rank !== null),
  };
}

/** The names beside a post or an edit, as the SQL type `mention_name` has them behind the place. A role is @ and its rank. */
export function mentionRows({ names, isEverybody, roles: ranks }: MentionedNames = NOBODY): string[][] {
  return [...names, ...(isEverybody ? [''] : []), ...ranks.map((rank) => `@${rank}`)].map((name) => [name]);
}
