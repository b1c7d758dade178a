import { describe, expect, test } from 'vitest';
import { readFunctionFiles } from '../../scripts/sql-functions.ts';
import { changeStatus } from '../../src/changes/kind.ts';
import { messageCreated, messageDeleted, messageEdited } from '../../src/messages/events.ts';
import { messageRefusals } from '../../src/messages/messages.ts';
import {
  roles,
  roomKinds,
  roomStates,
  type StatusRefusals,
  statuses,
} from '../../src/platform/database-codes.ts';
import { MAX_SEQ } from '../../src/platform/errors.ts';
import { requestStates } from '../../src/requests/events.ts';
import {
  accessGranted,
  accessLost,
  memberJoined,
  memberLeft,
  memberUpdated,
  roomArchived,
  roomCreated,
  roomDeleted,
  roomUpdated,
} from '../../src/rooms/events.ts';
import { joinRefusals } from '../../src/rooms/members.ts';
import { permissionBits } from '../../src/rooms/permissions.ts';
import { refusals as roomRefusals } from '../../src/rooms/refusals.ts';
import { capabilityCases } from '../capabilities/all.ts';
import type { SqlNumbers } from '../capabilities/cases.ts';
import { NEVER_FOR_GUESTS } from '../capabilities/permissions.ts';

// SQL has numbers where TypeScript has names. Each of them is found here, and equals its name.

// `fold_text` is a table of letters.
const functions = new Map(
  readFunctionFiles()
    .filter(({ name }) => name !== 'fold_text')
    .map((file) => [file.name, file]),
);

/** The numbers that a pattern finds in each function that has any. */
function numbersIn(pattern: RegExp): Record<string, number[]> {
  const found = [...functions].map(([name, { sql }]) => {
    const code = sql.replaceAll(/--.*$/gm, '');
    return [name, [...code.matchAll(pattern)].map(([, number]) => Number(number))] as const;
  });
  return Object.fromEntries(found.filter(([, numbers]) => numbers.length > 0));
}

/** What the capabilities say of their functions. */
const numbersOf = (what: SqlNumbers): Record<string, readonly number[]> =>
  Object.assign({}, ...capabilityCases.map(({ sqlNumbers }) => sqlNumbers?.[what]));

test('the kinds of room events', () => {
  const appended = numbersIn(/append_room_event\([\w.]+, (\d+)::smallint/g);
  const inserted = numbersIn(
    /INSERT INTO room_events[^)]*\)\s+(?:SELECT|VALUES \()\s*[\w.]+, [\w.]+, (\d+),/g,
  );
  expect({ ...appended, ...inserted }).toEqual({
    admit_members: [memberJoined.number],
    apply_deletions: [messageDeleted.number],
    apply_edits: [messageEdited.number],
    apply_joins: [memberJoined.number],
    apply_posts: [messageCreated.number],
    archive_room: [roomArchived.number],
    change_member_role: [memberUpdated.number],
    create_room: [roomCreated.number],
    end_room: [roomDeleted.number],
    dismiss_member: [memberLeft.number],
    open_direct_room: [roomCreated.number],
    post_one: [messageCreated.number],
    rename_user: [memberUpdated.number],
    tell_rename: [memberUpdated.number],
    update_room: [roomUpdated.number],
    ...numbersOf('events'),
  });
  const writers = [...functions].filter(
    ([name, { sql }]) =>
      name !== 'append_room_event' && /INSERT INTO room_events|append_room_event\(/.test(sql),
  );
  expect(writers.map(([name]) => name).toSorted(byName)).toEqual(
    Object.keys({ ...appended, ...inserted }).toSorted(byName),
  );
});

test('the kinds of account events', () => {
  const inserted = numbersIn(/INSERT INTO account_events[^)]*\)\s+SELECT [\w.]+, [\w.]+ \+ [\w.]+, (\d+),/g);
  const read = numbersIn(/\bp_kind = (\d)/g);
  expect({ ...numbersIn(/append_account_events\([^;]*?, (\d+)::smallint/g), ...inserted, ...read }).toEqual({
    admit_members: [accessGranted.number],
    append_account_events: [accessLost.number],
    apply_joins: [accessGranted.number],
    end_room: [accessLost.number],
    dismiss_member: [accessLost.number],
    open_direct_room: [accessGranted.number],
    reveal_direct_rooms: [accessGranted.number],
    ...numbersOf('accountEvents'),
  });
});

test('the permissions that each change needs', () => {
  const {
    SEND_MESSAGES,
    ADD_MEMBERS,
    MANAGE_MEMBERS,
    UPDATE_ROOM,
    DELETE_MESSAGES,
    ARCHIVE_ROOM,
    DELETE_ROOM,
    MENTION_EVERYONE,
    PIN_MESSAGES,
    TIMEOUT_MEMBERS,
    BAN_MEMBERS,
    BYPASS_SLOW_MODE,
    ADD_REACTIONS,
    REPLY_IN_THREADS,
  } = permissionBits;
  expect(numbersIn(/permission(?:_bit)?s(?:, 0\))? & (\d+) = 0/g)).toEqual({
    add_members: [ADD_MEMBERS],
    answer_join_request: [ADD_MEMBERS],
    apply_deletions: [DELETE_MESSAGES],
    apply_edits: [REPLY_IN_THREADS],
    apply_pins: [PIN_MESSAGES],
    apply_posts: [BYPASS_SLOW_MODE],
    apply_reactions: [ADD_REACTIONS],
    apply_replies: [REPLY_IN_THREADS, BYPASS_SLOW_MODE],
    archive_room: [ARCHIVE_ROOM],
    ban_user: [BAN_MEMBERS],
    change_member_role: [MANAGE_MEMBERS],
    close_poll: [DELETE_MESSAGES],
    create_invite: [ADD_MEMBERS],
    delete_room: [DELETE_ROOM],
    invite_is_open: [ADD_MEMBERS],
    mention_facts: [MENTION_EVERYONE, SEND_MESSAGES],
    post_one: [BYPASS_SLOW_MODE, BYPASS_SLOW_MODE],
    post_status: [SEND_MESSAGES],
    remove_member: [MANAGE_MEMBERS],
    rename_thread: [UPDATE_ROOM],
    revoke_invite: [ADD_MEMBERS],
    set_permission_override: [MANAGE_MEMBERS],
    time_out_member: [TIMEOUT_MEMBERS],
    unban_user: [BAN_MEMBERS],
    update_room: [UPDATE_ROOM],
    update_room_settings: [UPDATE_ROOM],
  });
});

test('the permissions of the roles contain known ones only', () => {
  const all = Object.values(permissionBits).reduce((sum, bit) => sum + bit, 0);
  const [owner, ...others] = numbersIn(/(?:THEN|ELSE) (\d+)/g)['role_permissions'] ?? [];
  expect(owner).toBe(all);
  expect(others.length).toBeGreaterThan(0);
  for (const bits of others) expect(bits & ~all).toBe(0);
  const never = numbersIn(/THEN (\d+) ELSE/g)['overridden_permissions'];
  expect(never).toEqual([NEVER_FOR_GUESTS]);
});

test('roles', () => {
  const { MEMBER, OWNER } = roles;
  expect(numbersIn(/\brole (?:<|=) (\d+)/g)).toEqual({
    add_members: [OWNER],
    answer_join_request: [OWNER],
    change_member_role: [OWNER, OWNER, OWNER],
    leave_room: [OWNER, OWNER],
    set_permission_override: [OWNER],
    take_out_erased: [OWNER, OWNER],
  });
  expect(numbersIn(/(?:ARRAY\[p_actor\]|v_users), (\d+)::smallint, (?:true|false)/g)).toEqual({
    create_room: [OWNER],
    open_direct_room: [MEMBER],
  });
  expect(numbersIn(/(?:_facts\(|\bkind, |user_id, )(\d{2})\b/g)).toEqual({
    apply_joins: [MEMBER, MEMBER, MEMBER],
  });
  expect(numbersIn(/WHEN (\d+) THEN/g)).toEqual({
    overridden_permissions: [roles.GUEST],
    role_permissions: [roles.OWNER, roles.ADMIN, roles.MODERATOR],
  });
});

test('kinds of rooms', () => {
  const { PUBLIC, DIRECT } = roomKinds;
  expect({ ...numbersIn(/\bkind (?:=|<>) (\d)\b/g), ...numbersIn(/direct_key\) VALUES \((\d),/g) }).toEqual({
    add_members: [DIRECT],
    apply_joins: [PUBLIC],
    ban_user: [DIRECT],
    change_member_role: [DIRECT],
    create_invite: [DIRECT],
    leave_erased_rooms: [DIRECT],
    leave_room: [DIRECT],
    lock_room: [PUBLIC],
    open_direct_room: [DIRECT],
    remove_member: [DIRECT],
    set_permission_override: [DIRECT],
    take_out_erased: [DIRECT],
    time_out_member: [DIRECT],
    unban_user: [DIRECT],
    update_room: [DIRECT],
    update_room_settings: [DIRECT, PUBLIC],
  });
});

test('states of rooms', () => {
  const { OPEN, ARCHIVED, DELETED } = roomStates;
  expect(numbersIn(/\w*state (?:<|=) (\d+)/g)).toEqual({
    add_members: [ARCHIVED],
    apply_deletions: [DELETED, DELETED, DELETED, ARCHIVED],
    apply_edits: [DELETED, ARCHIVED],
    apply_joins: [DELETED, ARCHIVED],
    archive_room: [OPEN, ARCHIVED],
    change_member_role: [ARCHIVED],
    end_room: [DELETED],
    erase_expired: [DELETED],
    lock_room: [DELETED],
    post_status: [DELETED, ARCHIVED],
    update_room: [ARCHIVED],
    ...numbersOf('states'),
  });
});

/** The texts in each function that are written like a status. */
function statusesIn(name: string): string[] {
  const code = (functions.get(name)?.sql ?? '').replaceAll(/--.*$/gm, '');
  return [...new Set([...code.matchAll(/'([A-Z]+(?:_[A-Z]+)*)'/g)].map(([, status]) => status as string))];
}

describe('statuses', () => {
  /** Of a function that only nodes of older releases call. */
  const older = ['NOT_PERMITTED'];
  const formats = ['UTC'];

  test('are those of the list', () => {
    const written = new Set([...functions.keys()].flatMap(statusesIn));
    const expected = [...statuses, ...older, ...formats];
    expect([...written].toSorted(byName)).toEqual(expected.toSorted(byName));
  });

  const posting = ['apply_posts', 'post_one', 'post_status', 'old_post_status'];
  const writers: (readonly [functions: readonly string[], refusals: StatusRefusals])[] = [
    [posting, messageRefusals.post],
    [['apply_edits', 'post_status'], messageRefusals.edit],
    [['apply_deletions'], messageRefusals.deletion],
    [['apply_joins'], joinRefusals],
    ...capabilityCases.flatMap(({ statuses: own }) => (own ? [[own.functions, own.refusals] as const] : [])),
    [[...functions].filter(([, { concept }]) => concept === 'rooms').map(([name]) => name), roomRefusals],
  ];
  test.each(writers)('of %j mean something to a client', (names, refusals) => {
    const shared = new Set<string>([...Object.values(changeStatus), ...older, ...formats]);
    const own = names.flatMap(statusesIn).filter((status) => !shared.has(status));
    expect(own.length).toBeGreaterThan(0);
    expect(own.filter((status) => !(status in refusals))).toEqual([]);
  });
});

test('limits', () => {
  expect(numbersIn(/SELECT (\d+)::bigint/g)['max_seq']).toEqual([MAX_SEQ]);
  expect(numbersIn(/(?<!=)> (\d{2,})/g)).toEqual(numbersOf('above'));
  expect(numbersIn(/<= (\d{2,})/g)).toEqual(numbersOf('upTo'));
});

test('no other number has a meaning outside its function', () => {
  // What the tests above compare, and what SQL itself needs.
  const known = [
    /append_room_event\([\w.]+, \d+/g,
    /append_account_events\([^;]*?, \d+::smallint/g,
    /INSERT INTO (?:room|account)_events[^)]*\)\s+(?:SELECT|VALUES \()\s*[\w.]+, [\w.]+(?: \+ [\w.]+)?, \d+/g,
    /\w*permission(?:_bit)?s(?:, 0\))? & \d+ = 0/g,
    /\bp_kind = \d/g,
    /(?:WHEN|THEN|ELSE) \d+/g,
    /\brole (?:<|=) \d+/g,
    /(?:ARRAY\[p_actor\]|v_users), \d+::smallint/g,
    /(?:_facts\(|\bkind, |user_id, )\d{2}\b/g,
    /\bkind (?:=|<>) \d/g,
    /direct_key\) VALUES \(\d/g,
    /\w*state (?:<|=) \d+/g,
    /SELECT \d+::bigint/g,
    /(?:(?<!=)>|<=) \d{2,}/g,
    /timestamptz\(3\)/gi,
    /GROUP BY [\d, ]+/g,
    /ROWS \d+/g,
    /'(?:[^']|'')*'/g,
  ];
  const others = [...functions].flatMap(([name, { sql }]) => {
    const code = known.reduce((text, pattern) => text.replaceAll(pattern, ''), sql.replaceAll(/--.*$/gm, ''));
    const numbers = [...code.matchAll(/(?<![\w$.])\d+(?!\w)/g)].map(([number]) => Number(number));
    const left = numbers.filter((number) => number > 1);
    return left.length > 0 ? [[name, left]] : [];
  });
  expect(Object.fromEntries(others)).toEqual({
    // Clock and text arithmetic.
    advance_retention_clock: [24],
    current_epoch: [8, 8, 32],
    incarnation_home: [4_294_967_295],
    timeout_ms: [1_000],
    text_parts: [3, 2],
    wanted_parts: [3, 3, 2],
    // Halving and doubling.
    message_seq_at: [2],
    positions_at: [2, 2],
    trim_account_logs: [2],
    trim_room_logs: [2],
    // What one call of it does at most, and how much it leaves free; attempts of its job.
    add_mail: [10],
    apply_posts: [10_000],
    post_one: [10_000],
    remember_network: [20],
    rename_user: [100],
    tell_rename: [100, 100, 100],
    close_account: [10],
    heir_of: [roles.ADMIN, roles.MODERATOR, roles.MEMBER],
    leave_erased_rooms: [10, 10, requestStates.TAKEN_BACK],
    lift_blocks: [100],
    // The number of the event behind RoomCreated.
    create_room: [2],
    // The rights as a number of GraphQL.
    rooms_seen_by: [2_147_483_647],
    ...numbersOf('own'),
  });
});

const byName = (a: string, b: string) => (a < b ? -1 : 1);
