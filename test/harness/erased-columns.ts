import type pg from 'pg';

/**
 * What the deletion of an account with its messages does to a column that can hold the id of a user, or a text.
 * - `erased`: before, the column has the id or a text of the user; afterwards it has neither
 * - `gone`: the value disappears with its row or with the other columns
 * - `other`: it never holds anything of a user
 * - `stays: REASON`: the id stays without a name, or the text belongs to others
 */
type Fate = 'erased' | 'gone' | 'other' | `stays: ${string}`;

const LOG = 'stays: the log of a room has no gaps; ids without names';

/** By table and column. What no rule of `isPlain` covers is here, so a new column fails the test until it has a fate. */
export const columnFates: Readonly<Record<string, Readonly<Record<string, Fate>>>> = {
  access_losses: { user_id: 'erased' },
  account_events: { user_id: 'erased' },
  account_heads: { user_id: 'stays: the lock of the own log, and a number' },
  audit_log: {
    action: 'other',
    actor_id: 'stays: evidence until the retention; an id without a name',
    changes: 'other',
    reason: 'erased',
    subject: 'other',
    target: 'stays: evidence until the retention; an id without a name',
  },
  bans: {
    banned_by: 'stays: who is banned stays banned; an id without a name',
    reason: 'erased',
    user_id: 'erased',
  },
  consumer_rooms: { consumer: 'other', error: 'other' },
  consumer_skips: { consumer: 'other', id: 'other', reason: 'other' },
  consumers: { goal: 'other', name: 'other', seen: 'other' },
  creation_keys: { author_id: 'erased', fingerprint: 'gone', key: 'gone', operation: 'other' },
  custom_emojis: { created_by: 'erased', id: 'other', name: 'stays: an emoji belongs to the server' },
  drafts: { idempotency_key: 'gone', text: 'erased', user_id: 'erased' },
  erasures: { user_id: 'gone', username: 'gone' },
  former_timeouts: { user_id: 'erased' },
  identities: {
    display_name: 'erased',
    email: 'erased',
    id: 'other',
    issuer: 'other',
    subject: 'erased',
    user_id: 'erased',
  },
  incarnation: { epoch: 'other', home: 'other' },
  invites: {
    code_hash: 'other',
    created_by: 'stays: the links of a room work on; an id without a name',
    id: 'other',
  },
  join_request_pauses: { user_id: 'erased' },
  join_requests: { text: 'erased', user_id: 'erased' },
  known_networks: { hash: 'gone', user_id: 'erased' },
  memberships: {
    folder: 'erased',
    user_id: 'stays: of direct rooms, so that others see whom they wrote with',
  },
  message_locations: { label: 'erased', position: 'gone' },
  message_mentions: { user_id: 'erased' },
  message_metadata: { entries: 'erased' },
  message_revisions: { replaced_by: 'erased', text: 'erased' },
  messages: {
    author_id: 'stays: every message has an author; an id without a name',
    fingerprint: 'stays: zeros; recognises a message that is sent again, which the user no longer can',
    idempotency_key: 'stays: a random value of the client',
    text: 'erased',
  },
  oidc_requests: { hash: 'gone', issuer: 'other', redirect_uri: 'gone', user_id: 'erased' },
  one_time_tokens: { email: 'erased', hash: 'gone', purpose: 'other', user_id: 'erased' },
  passkeys: {
    counter: 'gone',
    credential_id: 'gone',
    domain: 'other',
    id: 'other',
    name: 'erased',
    public_key: 'gone',
    transports: 'gone',
    user_id: 'erased',
  },
  permission_overrides: { target: 'erased' },
  pins: { pinned_by: 'stays: pins belong to the room; an id without a name' },
  poll_votes: { user_id: 'stays: votes are results of others; an id without a name' },
  polls: { options: 'erased' },
  reaction_groups: { emoji: 'stays: reactions of others' },
  reactions: { emoji: 'stays: reactions of others', user_id: 'erased' },
  recovery_codes: { hash: 'gone', user_id: 'erased' },
  refresh_tokens: { hash: 'gone', session_id: 'gone' },
  renames: { user_id: 'erased' },
  room_events: { actor_id: LOG, facts: LOG, subject: LOG },
  room_statistics: { events: 'other' },
  rooms: {
    created_by: 'stays: a room has an origin; an id without a name',
    description: 'stays: rooms belong to their members',
    direct_key: 'stays: the ids of a direct room, without names',
    id: 'other',
    name: 'stays: rooms belong to their members',
    search_text: 'stays: rooms belong to their members',
  },
  saved_messages: { user_id: 'erased' },
  sessions: {
    device_name: 'erased',
    id: 'other',
    user_agent: 'erased',
    user_id: 'stays: until it expires; nodes read in it that it has ended',
  },
  slow_mode_posts: { user_id: 'erased' },
  tallies: { block: 'other', count: 'other', subject: 'stays: counts of mentions of an id' },
  thread_members: { user_id: 'erased' },
  threads: { participant_ids: 'stays: who has replied; ids without names', title: 'erased' },
  totp_secrets: { last_step: 'gone', secret: 'gone', user_id: 'erased' },
  user_blocks: { blocked_id: 'erased', user_id: 'erased' },
  users: {
    display_name: 'erased',
    email: 'erased',
    id: 'stays: messages and logs refer to it',
    new_email: 'erased',
    password_hash: 'gone',
    username: 'erased',
  },
};

/** Positions in logs, rooms, and numbers that count. */
const isPlain = (column: string) =>
  /(^|_)(seq|room_id|stamp|bits|version|until)$|^(deleted_count|counts)$/.test(column);

const COLUMNS = `
  SELECT c.relname AS "table", a.attname AS "column", format_type(a.atttypid, NULL) AS type
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
  WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND c.relnamespace = 'public'::regnamespace
    AND c.relname <> '_prisma_migrations' AND a.attnum > 0 AND NOT a.attisdropped
    AND (format_type(a.atttypid, NULL) !~ '^(boolean|smallint|integer|double precision|timestamp|bigint|uuid)'
      OR format_type(a.atttypid, NULL) IN ('bigint', 'bigint[]', 'uuid')
      OR EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'f'
        AND k.confrelid = 'users'::regclass AND a.attnum = ANY (k.conkey)))
  ORDER BY 1, 2`;

export interface Column {
  readonly table: string;
  readonly column: string;
  readonly type: string;
}

/** The columns of the database that can hold the id of a user, or a text. */
export async function personalColumns(client: pg.Pool): Promise<Column[]> {
  const { rows } = await client.query<Column>(COLUMNS);
  return rows.filter(({ column }) => !isPlain(column));
}

/** How many rows have the id, or a text with one of the words, in a column. */
export async function countOf(
  client: pg.Pool,
  { table, column, type }: Column,
  userId: number,
  words: readonly string[],
): Promise<number> {
  const [condition, value] = type.startsWith('bigint')
    ? [`$1 = ANY (ARRAY[]::bigint[] || ${column})`, userId]
    : [`${column}::text ~* $1`, words.join('|')];
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM ${table} WHERE ${condition}`,
    [value],
  );
  return rows[0]?.count ?? 0;
}
