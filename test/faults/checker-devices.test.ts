import { describe, expect, test } from 'vitest';
import { check } from './checker.ts';
import { differencesBetween } from './differences.ts';
import {
  ADA,
  end,
  follow,
  got,
  historyOf,
  invariantsIn,
  ok,
  ROOM,
  type Said,
  said,
  sent,
  truth,
} from './samples.ts';

// What SDK clients store and accept: here Ada's, which posts `a`.

const accepted: Said = { f: 'accepted', client: 'device', user: ADA, room: ROOM, key: 'a' };
const finished: Said = { f: 'end', live: [], devices: ['device'] };
const store = (more: Partial<Extract<Said, { f: 'store' }>> = {}): Said => ({
  f: 'store',
  client: 'device',
  user: ADA,
  epoch: 0,
  rooms: 1,
  members: 2,
  messages: 1,
  failed: [],
  differences: [],
  ...more,
});
const stored = truth(said(4, 'a'));

describe('an SDK client', () => {
  test('keeps its promises: what it accepted is stored, and its store is a snapshot', () => {
    const history = historyOf([accepted, sent('a'), ok('a', 4), stored, store(), finished]);
    const { violations, stores } = check(history);
    expect(violations).toEqual([]);
    expect(stores).toEqual({ clients: 1, rooms: 1, members: 2, messages: 1, accepted: 1, failed: 0 });
  });

  test('may keep in its outbox what was refused', () => {
    const failed: Said = { f: 'post', type: 'fail', room: ROOM, user: ADA, key: 'a', code: 'NOT_FOUND' };
    const entries = [accepted, sent('a'), failed, truth(), store({ failed: ['a'] }), finished];
    expect(invariantsIn(entries)).toEqual([]);
  });

  test('may lose what a restore took back, and what it held when its session ended', () => {
    const restored: Said = { f: 'branch', phase: 'begin', heads: { [ROOM]: 3 } };
    expect(invariantsIn([accepted, sent('a'), restored, truth(), store(), finished])).toEqual([]);
    const over: Said = { f: 'end', live: [], devices: [] };
    expect(invariantsIn([accepted, sent('a'), truth(), over])).toEqual([]);
  });

  test.each<[string, string, Said[]]>([
    ['I16', 'its store differs', [store({ differences: ['room_3.name: "a", not "b"'] }), finished]],
    ['I16', 'its store was not compared', [finished]],
    [
      'I16',
      'a message is stored, and failed in its outbox',
      [accepted, sent('a'), ok('a', 4), stored, store({ failed: ['a'] }), finished],
    ],
    [
      'I16',
      'its position is of an epoch that is over',
      [
        follow(1, { [ROOM]: 3 }),
        { ...got(4, 'a'), epoch: 5 } as Said,
        { f: 'branch', phase: 'begin' },
        { f: 'branch', phase: 'settled' },
        sent('a'),
        store({ epoch: 5 }),
        finished,
      ],
    ],
    ['I17', 'it meets a gap', [{ f: 'misfit', client: 'device', kind: 'gap', says: '' }, store(), finished]],
    [
      'I17',
      'it meets a repeat',
      [{ f: 'misfit', client: 'device', kind: 'repeat', says: '' }, store(), finished],
    ],
    ['I18', 'what it accepted is lost', [accepted, store(), finished]],
  ])('%s: %s', (invariant, _, entries) => {
    const withTruth = entries.some(({ f }) => f === 'truth') ? entries : [truth(), ...entries];
    expect(invariantsIn(withTruth)).toContain(invariant);
  });
});

test('a run in which nobody has an SDK client needs no comparison', () => {
  expect(invariantsIn([truth(), end])).not.toContain('I16');
});

describe('differences are named by where they are', () => {
  const room = (more: object) => [
    { id: 'room_1', name: 'tea', messages: [{ id: 'a' }, { id: 'b' }], ...more },
  ];
  test.each<[string, unknown, string[]]>([
    ['none', room({}), []],
    ['a value', room({ name: 'milk' }), ['room_1.name: "milk", not "tea"']],
    ['an item too few', room({ messages: [{ id: 'b' }] }), ['room_1.messages.a is missing']],
    [
      'an item too many',
      room({ messages: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] }),
      ['room_1.messages.c should not be there'],
    ],
    ['their order', room({ messages: [{ id: 'b' }, { id: 'a' }] }), ['room_1.messages has b in place of a']],
    ['a room too many', [...room({}), { id: 'room_2' }], ['room_2 should not be there']],
    ['nothing and null are the same', room({ description: undefined }), []],
  ])('%s', (_, actual, expected) => expect(differencesBetween(actual, room({}))).toEqual(expected));
});
