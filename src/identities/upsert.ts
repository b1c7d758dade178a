import { checkedDisplayName, checkedEmail, checkedUsername } from '../accounts/credentials.ts';
import { sendsMail } from '../accounts/mails.ts';
import { revocationsOf } from '../accounts/revocations.ts';
import { notAdministrator, requireAdministrator } from '../accounts/server-roles.ts';
import type { Services, SignedIn } from '../context.ts';
import type { Status } from '../platform/database-codes.ts';
import type { Sql } from '../platform/db.ts';
import { invalid, Refusal } from '../platform/errors.ts';
import { isSubject } from './claims.ts';
import { type UpsertOutcome, type UserEntry, upsertUserRows } from './upsert.store.ts';

/** Users that one call creates or updates at most. */
export const MAX_UPSERTS = 100;
/** Users that count as one change for the rate limit. */
const PER_CHANGE = 10;

/** A user as another system describes it. */
export interface UserToUpsert {
  readonly externalId: string;
  readonly username: string;
  readonly displayName?: string | null | undefined;
  readonly email?: string | null | undefined;
  readonly isEmailVerified?: boolean | null | undefined;
  readonly isSuspended?: boolean | null | undefined;
}

export interface Upsert {
  /** The name of an issuer. */
  readonly issuer?: string | null | undefined;
  readonly users: readonly UserToUpsert[];
  readonly linksUsernames?: boolean | null | undefined;
}

/** Why an entry was refused, and the sentence for people. */
export const entryRefusals = {
  INVALID: 'A value is not valid.',
  USERNAME_TAKEN: 'Another user has this username.',
  EMAIL_TAKEN: 'Another user has this e-mail address.',
  ADMINISTRATOR: 'An administrator of the server cannot be suspended.',
  ACCOUNT_IN_USE:
    'Somebody signs in to this account, so only the command line of the server can give it an id of an issuer or another e-mail address.',
  ERASED: 'The account was erased.',
  TOO_MANY_IDENTITIES: 'The user has as many identities as a user can have.',
} as const;
export type EntryRefusal = keyof typeof entryRefusals;

export interface UpsertedUser {
  readonly externalId: string;
  readonly outcome: 'CREATED' | 'UPDATED' | 'UNCHANGED' | 'REFUSED';
  readonly userId: number | null;
  readonly refusal: EntryRefusal | null;
  readonly detail: string | null;
}

/**
 * Creates and updates users for an administrator. Each entry succeeds or is refused alone.
 * @throws PermissionDeniedError, ValidationError for the list as a whole, RateLimitedError, UnavailableError
 */
export async function upsertUsers(ctx: SignedIn, input: Upsert): Promise<{ results: UpsertedUser[] }> {
  const { node, viewer } = ctx;
  await requireAdministrator(ctx);
  await node.limits.spend('change', viewer.userId, Math.ceil(input.users.length / PER_CHANGE));
  const run = (change: (sql: Sql) => Promise<UpsertOutcome[]>) => node.changes.run('upsert users', change);
  const { results, ended } = await upsertUsersAs(node, viewer.userId, input, run);
  revocationsOf(node).announce(ended);
  return { results };
}

type Office = Pick<Services, 'settings' | 'db'>;
type Run = (change: (sql: Sql) => Promise<UpsertOutcome[]>) => Promise<UpsertOutcome[]>;

/** The same for the command line, whose `actorId` is null. Also returns the sessions that suspensions have ended. */
export async function upsertUsersAs(
  office: Office,
  actorId: number | null,
  input: Upsert,
  run: Run = (change) => change(office.db.write),
): Promise<{ results: UpsertedUser[]; ended: number[] }> {
  checkList(input.users);
  const options = {
    actorId,
    issuer: issuerNamed(office, input.issuer),
    linksUsernames: input.linksUsernames ?? false,
    sendsMail: sendsMail(office),
  };
  const checked = input.users.map(checkedEntry);
  const entries = checked.filter((entry): entry is UserEntry => 'username' in entry);
  const outcomes = await run((sql) => upsertUserRows(sql, entries, options));
  if (outcomes.length < entries.length) throw notAdministrator();
  const stored = new Map(entries.map((entry, index) => [entry.externalId, outcomes[index] as UpsertOutcome]));
  return {
    results: checked.map((entry) =>
      'username' in entry ? resultOf(entry.externalId, stored.get(entry.externalId)) : entry,
    ),
    ended: outcomes.flatMap(({ sessionIds }) => sessionIds),
  };
}

/** The same for any number of users, in calls of 100. @throws ValidationError for the first list that is wrong */
export async function upsertAll(
  office: Office,
  users: readonly UserToUpsert[],
  options: Omit<Upsert, 'users'>,
): Promise<UpsertedUser[]> {
  const all: UpsertedUser[] = [];
  for (let from = 0; from < users.length; from += MAX_UPSERTS) {
    const some = users.slice(from, from + MAX_UPSERTS);
    all.push(...(await upsertUsersAs(office, null, { ...options, users: some })).results);
  }
  return all;
}

/** @throws ValidationError */
function checkList(users: readonly UserToUpsert[]): void {
  if (users.length === 0 || users.length > MAX_UPSERTS)
    throw invalid('input.users', `A call needs 1 to ${MAX_UPSERTS} users.`);
  const seen = new Set<string>();
  for (const [index, { externalId }] of users.entries()) {
    const path = `input.users.${index}.externalId`;
    if (!isSubject(externalId)) throw invalid(path, 'An id must have 1 to 255 printable ASCII characters.');
    if (seen.has(externalId)) throw invalid(path, 'This id occurs twice.');
    seen.add(externalId);
  }
}

/** Returns `iss`; empty for no name. @throws ValidationError */
function issuerNamed({ settings }: Office, name: string | null | undefined): string {
  if (name === null || name === undefined) return '';
  const issuer = settings.ISSUERS.find((entry) => entry.name === name);
  if (!issuer) throw invalid('input.issuer', 'The settings have no issuer with this name.');
  return issuer.issuer;
}

/** Returns the entry to store, or why it is refused. */
function checkedEntry(user: UserToUpsert): UserEntry | UpsertedUser {
  try {
    return {
      externalId: user.externalId,
      username: checkedUsername(user.username),
      displayName: user.displayName == null ? null : checkedDisplayName(user.displayName),
      email: user.email == null ? null : checkedEmail(user.email),
      isEmailVerified: user.isEmailVerified ?? false,
      isSuspended: user.isSuspended ?? null,
    };
  } catch (error) {
    if (error instanceof Refusal) return refused(user.externalId, 'INVALID', error.detail);
    throw error;
  }
}

const refused = (externalId: string, refusal: EntryRefusal, detail?: string): UpsertedUser => ({
  externalId,
  outcome: 'REFUSED',
  userId: null,
  refusal,
  detail: detail ?? entryRefusals[refusal],
});

const OUTCOMES: Partial<Record<Status, UpsertedUser['outcome']>> = {
  CREATED: 'CREATED',
  OK: 'UPDATED',
  SAME: 'UNCHANGED',
};

const REFUSALS: Partial<Record<Status, EntryRefusal>> = {
  TAKEN: 'USERNAME_TAKEN',
  ADDRESS: 'EMAIL_TAKEN',
  RANK: 'ADMINISTRATOR',
  FORBIDDEN: 'ACCOUNT_IN_USE',
  CLOSED: 'ERASED',
  LIMIT: 'TOO_MANY_IDENTITIES',
};

function resultOf(externalId: string, row: UpsertOutcome | undefined): UpsertedUser {
  const refusal = row && REFUSALS[row.status];
  if (refusal) return refused(externalId, refusal);
  const outcome = row && OUTCOMES[row.status];
  if (!outcome) throw new Error(`upsert_users answered ${row?.status}`);
  return { externalId, outcome, userId: row.userId, refusal: null, detail: null };
}
