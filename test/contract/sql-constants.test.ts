import { expect, test } from 'vitest';
import { readFunctionFiles } from '../../scripts/sql-functions.ts';
import { messageCreated, messageDeleted, messageEdited } from '../../src/messages/events.ts';
import { MAX_SEQ } from '../../src/platform/errors.ts';
import { reactionsChanged } from '../../src/reactions/events.ts';
import { MAX_EMOJI } from '../../src/reactions/reactions.ts';
import { MAX_KNOWN_REACTORS } from '../../src/reactions/store.ts';
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
import { permissionBits } from '../../src/rooms/permissions.ts';
import { roles } from '../../src/rooms/store.ts';

// SQL has numbers where TypeScript has names. Each of them is found here, and equals its name.

const functions = new Map(readFunctionFiles().map(({ name, sql }) => [name, sql]));

/** The numbers that a pattern finds in each function that has any. */
function numbersIn(pattern: RegExp): Record<string, number[]> {
  const found = [...functions].map(([name, sql]) => {
    const code = sql.replaceAll(/--.*$/gm, '');
    return [name, [...code.matchAll(pattern)].map(([, number]) => Number(number))] as const;
  });
  return Object.fromEntries(found.filter(([, numbers]) => numbers.length > 0));
}

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
    apply_reactions: [reactionsChanged.number],
    archive_room: [roomArchived.number],
    change_member_role: [memberUpdated.number],
    create_room: [roomCreated.number],
    delete_room: [roomDeleted.number],
    dismiss_member: [memberLeft.number],
    erase_reactions: [reactionsChanged.number],
    open_direct_room: [roomCreated.number],
    post_one: [messageCreated.number],
    rename_user: [memberUpdated.number],
    tell_rename: [memberUpdated.number],
    update_room: [roomUpdated.number],
  });
  const writers = [...functions].filter(
    ([name, sql]) => name !== 'append_room_event' && /INSERT INTO room_events|append_room_event\(/.test(sql),
  );
  expect(writers.map(([name]) => name).toSorted(byName)).toEqual(
    Object.keys({ ...appended, ...inserted }).toSorted(byName),
  );
});

test('the kinds of account events', () => {
  const inserted = numbersIn(/INSERT INTO account_events[^)]*\)\s+SELECT [\w.]+, [\w.]+ \+ [\w.]+, (\d+),/g);
  expect({ ...numbersIn(/append_account_events\([^;]*?, (\d+)::smallint/g), ...inserted }).toEqual({
    admit_members: [accessGranted.number],
    apply_joins: [accessGranted.number],
    delete_room: [accessLost.number],
    dismiss_member: [accessLost.number],
    open_direct_room: [accessGranted.number],
    reveal_direct_rooms: [accessGranted.number],
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
  } = permissionBits;
  expect(numbersIn(/permission(?:_bit)?s(?:, 0\))? & (\d+) = 0/g)).toEqual({
    add_members: [ADD_MEMBERS],
    apply_deletions: [DELETE_MESSAGES],
    archive_room: [ARCHIVE_ROOM],
    change_member_role: [MANAGE_MEMBERS],
    delete_room: [DELETE_ROOM],
    post_status: [SEND_MESSAGES],
    remove_member: [MANAGE_MEMBERS],
    update_room: [UPDATE_ROOM],
  });
});

test('the permissions of the roles contain known ones only', () => {
  const all = Object.values(permissionBits).reduce((sum, bit) => sum + bit, 0);
  const [owner, ...others] = numbersIn(/(?:THEN|ELSE) (\d+)/g)['role_permissions'] ?? [];
  expect(owner).toBe(all);
  expect(others.length).toBeGreaterThan(0);
  for (const bits of others) expect(bits & ~all).toBe(0);
});

test('roles', () => {
  expect(numbersIn(/role_permissions\((\d+)::smallint\)/g)['apply_joins']).toEqual([
    roles.MEMBER,
    roles.MEMBER,
  ]);
  const ranked = numbersIn(/WHEN (\d+) THEN/g)['role_permissions'] ?? [];
  expect(ranked).toEqual([roles.OWNER, roles.ADMIN, roles.MODERATOR]);
});

test('limits', () => {
  expect(numbersIn(/SELECT (\d+)::bigint/g)['max_seq']).toEqual([MAX_SEQ]);
  expect(numbersIn(/> (\d{2,})/g)).toMatchObject({
    apply_reactions: [MAX_EMOJI],
    reaction_rounds: [MAX_EMOJI],
  });
  expect(numbersIn(/<= (\d{2,})/g)).toMatchObject({
    apply_reactions: [MAX_KNOWN_REACTORS, MAX_KNOWN_REACTORS],
    reaction_facts: [MAX_KNOWN_REACTORS],
  });
});

const byName = (a: string, b: string) => (a < b ? -1 : 1);
