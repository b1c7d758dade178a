import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import type { Plan, PlannedMessage, PlannedPerson, PlannedRoom } from './plan.ts';

const PUBLIC = 1;
const MEMBER = 20;
/** Messages of one call. */
const BATCH = 200;

/** An event of a room, and when it is said to have happened. */
interface Dated {
  readonly seq: number;
  readonly at: Date;
}

/**
 * Writes a plan in one transaction, with the functions that the server itself uses, so numbers, logs and rights are right.
 * Then the rows get the times of the plan: nobody has seen them before the commit. `onProgress` is told the number of
 * messages written.
 */
export async function writePlan(
  client: pg.Client,
  plan: Plan,
  passwordHash: string,
  onProgress: (count: number) => void,
): Promise<void> {
  await client.query('BEGIN');
  await client.query('SET LOCAL statement_timeout = 0');
  const ids = await insertPeople(client, plan, passwordHash);
  let written = 0;
  for (const room of plan.rooms) {
    await writeRoom(client, room, ids, (count) => {
      written += count;
      onProgress(written);
    });
  }
  await client.query('COMMIT');
}

/** The usernames of the plan that are taken already. */
export async function takenNames(client: pg.Client, people: readonly PlannedPerson[]): Promise<string[]> {
  const { rows } = await client.query<{ username: string }>(
    'SELECT username FROM users WHERE lower(username) = ANY ($1) ORDER BY id',
    [people.map(({ username }) => username)],
  );
  return rows.map(({ username }) => username);
}

async function insertPeople(
  client: pg.Client,
  { people, rooms }: Plan,
  passwordHash: string,
): Promise<ReadonlyMap<string, number>> {
  const first = Math.min(Date.now(), ...rooms.map(({ createdAt }) => createdAt.getTime()));
  const { rows } = await client.query<{ id: string; username: string }>(
    `INSERT INTO users (username, display_name, email, password_hash, created_at)
     SELECT p.username, p.display_name, p.username || '@example.org', $3, $4
     FROM unnest($1::text[], $2::text[]) AS p(username, display_name) RETURNING id, username`,
    [
      people.map(({ username }) => username),
      people.map(({ displayName }) => displayName),
      passwordHash,
      new Date(first - 3_600_000),
    ],
  );
  return new Map(rows.map(({ id, username }) => [username, Number(id)]));
}

type Ids = ReadonlyMap<string, number>;

const idOf = (ids: Ids, username: string): number => ids.get(username) as number;

async function writeRoom(
  client: pg.Client,
  room: PlannedRoom,
  ids: Ids,
  onWritten: (count: number) => void,
): Promise<void> {
  const { id, lastSeq } = await createRoom(client, room, ids);
  const dated: Dated[] = Array.from({ length: lastSeq }, (_, i) => ({ seq: i + 1, at: room.createdAt }));
  /** The numbers of all messages so far. */
  const seqs: number[] = [];
  for (const batch of batchesOf(room.messages)) {
    dated.push(...(await post(client, id, batch, seqs, ids)));
    dated.push(...(await react(client, id, batch, seqs.slice(-batch.length), ids)));
    onWritten(batch.length);
  }
  await date(client, id, room, dated);
}

/** A message that quotes another begins a batch: what it quotes has to be there before. */
function batchesOf(messages: readonly PlannedMessage[]): PlannedMessage[][] {
  const batches: PlannedMessage[][] = [];
  for (const message of messages) {
    const last = batches.at(-1);
    if (last && last.length < BATCH && message.quotes === null) last.push(message);
    else batches.push([message]);
  }
  return batches;
}

async function createRoom(
  client: pg.Client,
  { name, description, members: [owner = '', ...others] }: PlannedRoom,
  ids: Ids,
): Promise<{ id: number; lastSeq: number }> {
  const made = await client.query<{ room_id: string; room_seq: string }>(
    'SELECT room_id, room_seq FROM create_room($1, $2::smallint, $3, $4, $5, $6::uuid)',
    [idOf(ids, owner), PUBLIC, name, description, randomUUID(), randomUUID()],
  );
  const id = Number(made.rows[0]?.room_id);
  const added = await client.query<{ room_seq: string; status: string }>(
    'SELECT room_seq, status FROM add_members($1, $2, $3::bigint[], $4::smallint)',
    [id, idOf(ids, owner), others.map((each) => idOf(ids, each)), MEMBER],
  );
  if (added.rows[0]?.status !== 'OK') throw new Error(`members were refused: ${added.rows[0]?.status}`);
  return { id, lastSeq: Number(added.rows[0].room_seq) };
}

/** Adds the numbers of the messages to `seqs`. */
async function post(
  client: pg.Client,
  roomId: number,
  batch: readonly PlannedMessage[],
  seqs: number[],
  ids: Ids,
): Promise<Dated[]> {
  const { rows } = await client.query<{ room_seq: string; status: string }>(
    `SELECT o.room_seq, o.status FROM make_changes(false, p_posts => ARRAY(
       SELECT ROW($1, p.author_id, p.key, p.key::uuid, p.text, p.quoted)::new_message
       FROM unnest($2::bigint[], $3::text[], $4::text[], $5::bigint[]) WITH ORDINALITY AS p(author_id, key, text, quoted, ord)
       ORDER BY p.ord)) o ORDER BY o.ord`,
    [
      roomId,
      batch.map(({ author }) => idOf(ids, author)),
      batch.map(() => randomUUID()),
      batch.map(({ text }) => text),
      batch.map(({ quotes }) => (quotes === null ? null : (seqs.at(-quotes) ?? null))),
    ],
  );
  const refused = rows.find(({ status }) => status !== 'OK');
  if (refused) throw new Error(`a message was refused: ${refused.status}`);
  seqs.push(...rows.map(({ room_seq }) => Number(room_seq)));
  return rows.map(({ room_seq }, i) => ({ seq: Number(room_seq), at: batch[i]?.at ?? new Date() }));
}

/** All reactions to a batch of messages, which come behind them in the log. */
async function react(
  client: pg.Client,
  roomId: number,
  batch: readonly PlannedMessage[],
  seqs: readonly number[],
  ids: Ids,
): Promise<Dated[]> {
  const reactions = batch.flatMap(({ reactions: all }, i) => all.map((one) => ({ ...one, seq: seqs[i] })));
  const { rows } = await client.query<{ room_seq: string; status: string }>(
    `SELECT o.room_seq, o.status FROM make_changes(false, p_reactions => ARRAY(
       SELECT ROW($1, r.seq, r.actor_id, r.emoji, true)::message_reaction
       FROM unnest($2::bigint[], $3::bigint[], $4::text[]) WITH ORDINALITY AS r(seq, actor_id, emoji, ord)
       ORDER BY r.ord)) o ORDER BY o.room_seq`,
    [
      roomId,
      reactions.map(({ seq }) => seq),
      reactions.map(({ person }) => idOf(ids, person)),
      reactions.map(({ emoji }) => emoji),
    ],
  );
  const at = batch.at(-1)?.at ?? new Date();
  return rows.map(({ room_seq }) => ({ seq: Number(room_seq), at }));
}

/** Gives everything in a room the times of the plan, which do not run backwards. */
async function date(
  client: pg.Client,
  id: number,
  { createdAt }: PlannedRoom,
  dated: readonly Dated[],
): Promise<void> {
  const times = `unnest($2::bigint[], $3::timestamptz[]) AS t(seq, at)`;
  const values = [id, dated.map(({ seq }) => seq), dated.map(({ at }) => at)];
  await client.query(
    `UPDATE room_events e SET created_at = t.at FROM ${times} WHERE e.room_id = $1 AND e.room_seq = t.seq`,
    values,
  );
  await client.query(
    `UPDATE messages m SET created_at = t.at FROM ${times} WHERE m.room_id = $1 AND m.room_seq = t.seq`,
    values,
  );
  await client.query(
    `UPDATE room_heads h SET last_at = (SELECT max(created_at) FROM room_events WHERE room_id = $1) WHERE h.room_id = $1`,
    [id],
  );
  await client.query('UPDATE rooms SET created_at = $2 WHERE id = $1', [id, createdAt]);
  // Everybody has read most of it.
  await client.query(
    `UPDATE memberships m SET joined_at = $2, read_seq = s.seq, delivered_seq = s.seq FROM (
       SELECT user_id, greatest(read_seq, (SELECT last_message_seq FROM room_heads WHERE room_id = $1) - user_id % 7) AS seq
       FROM memberships WHERE room_id = $1) s WHERE m.room_id = $1 AND m.user_id = s.user_id`,
    [id, createdAt],
  );
  await client.query('UPDATE account_events SET created_at = $2 WHERE room_id = $1', [id, createdAt]);
}
