import { describe, expect, test } from 'vitest';
import { pushAt } from './announcements.ts';
import { check } from './checker.ts';
import type { TruthEvent } from './history.ts';
import { Random } from './random.ts';
import {
  ADA,
  BOB,
  end,
  follow,
  got,
  historyOf,
  invariantsIn,
  members,
  ok,
  post,
  ROOM,
  type Said,
  said,
  sent,
  truth,
} from './samples.ts';
import { type Invariant, sliceOf } from './verdict.ts';

const start = [follow(1, { [ROOM]: 3 }), sent('a')];
const AB = [said(4, 'a'), said(5, 'b')];

describe('a history in which all is well', () => {
  test.each<[string, Said[]]>([
    ['one message', [...start, ok('a', 4), got(4, 'a'), truth(said(4, 'a')), end]],
    ['delivered before it was acknowledged', [...start, got(4, 'a'), ok('a', 4), truth(said(4, 'a')), end]],
    [
      'an answer that never came is no failure, stored or not',
      [
        ...start,
        { ...post, type: 'info', key: 'a' },
        sent('b'),
        { ...post, type: 'info', key: 'b' },
        got(4, 'b'),
        truth(said(4, 'b')),
        end,
      ],
    ],
    [
      'a client that comes back goes on behind what it applied',
      [
        ...start,
        ok('a', 4),
        got(4, 'a'),
        follow(2),
        sent('b'),
        ok('b', 5),
        got(5, 'b', 2),
        truth(...AB),
        end,
      ],
    ],
    [
      'after a rotation of the epoch a client starts over',
      [
        ...start,
        ok('a', 4),
        { f: 'fault', kind: 'epoch rotated', phase: 'begin', n: 1 },
        { f: 'resync', client: 'bob', sub: 1, reason: 'CURSOR_FOREIGN' },
        sent('b'),
        ok('b', 5),
        follow(2, { [ROOM]: 5 }),
        truth(...AB),
        end,
      ],
    ],
    [
      'a member is removed, hears of it, and of nothing else',
      [
        ...start,
        ok('a', 4),
        got(4, 'a'),
        { f: 'kick', type: 'invoke', op: 1, user: BOB, room: ROOM },
        { f: 'kick', type: 'ok', op: 1, user: BOB, room: ROOM, seq: 5 },
        { f: 'recv', client: 'bob', sub: 1, room: ROOM, seq: 5, kind: 'MemberLeft', subject: BOB },
        truth(said(4, 'a'), { seq: 5, kind: 'MemberLeft', subject: BOB }),
        { f: 'end', live: [] },
      ],
    ],
    [
      'who comes back while subscribed, and is removed again, hears of that too',
      [
        { f: 'kick', type: 'ok', op: 1, user: BOB, room: ROOM, seq: 3 },
        follow(1, { [ROOM]: 3 }),
        { f: 'join', type: 'invoke', op: 2, user: BOB, room: ROOM },
        { f: 'join', type: 'ok', op: 2, user: BOB, room: ROOM, seq: 4 },
        { f: 'recv', client: 'bob', sub: 1, room: ROOM, seq: 4, kind: 'MemberJoined', subject: BOB },
        { f: 'kick', type: 'invoke', op: 3, user: BOB, room: ROOM },
        { f: 'kick', type: 'ok', op: 3, user: BOB, room: ROOM, seq: 5 },
        { f: 'recv', client: 'bob', sub: 1, room: ROOM, seq: 5, kind: 'MemberLeft', subject: BOB },
        truth({ seq: 4, kind: 'MemberJoined', subject: BOB }, { seq: 5, kind: 'MemberLeft', subject: BOB }),
        { f: 'end', live: [] },
      ],
    ],
  ])('%s', (_, entries) => expect(check(historyOf(entries)).violations).toEqual([]));
});

const removed: Said[] = [
  { f: 'kick', type: 'invoke', op: 1, user: BOB, room: ROOM },
  { f: 'kick', type: 'ok', op: 1, user: BOB, room: ROOM, seq: 4 },
];
const left: TruthEvent = { seq: 4, kind: 'MemberLeft', subject: BOB };

describe('a history that breaks one invariant', () => {
  test.each<[Invariant, string, Said[]]>([
    ['I1', 'an acknowledged post is lost', [...start, ok('a', 4), truth(), { f: 'end', live: [] }]],
    [
      'I1',
      'a post is stored twice',
      [...start, ok('a', 4), got(4, 'a'), got(5, 'a'), truth(said(4, 'a'), said(5, 'a')), end],
    ],
    ['I2', 'nobody sent what is stored', [follow(1, { [ROOM]: 3 }), got(4, 'x'), truth(said(4, 'x')), end]],
    [
      'I2',
      'a refused post is stored',
      [
        ...start,
        { ...post, type: 'fail', key: 'a', code: 'NOT_FOUND' },
        got(4, 'a'),
        truth(said(4, 'a')),
        end,
      ],
    ],
    [
      'I2',
      'something was delivered that is not in the log',
      [...start, ok('a', 4), got(4, 'a'), got(5, 'z'), truth(said(4, 'a')), { f: 'end', live: [] }],
    ],
    ['I3', 'the log has a hole', [...start, truth(said(5, 'a')), { f: 'end', live: [] }]],
    [
      'I4',
      'one is left out',
      [
        ...start,
        sent('b'),
        ok('a', 4),
        ok('b', 5),
        got(5, 'b'),
        follow(2, { [ROOM]: 5 }),
        truth(...AB),
        end,
      ].toSpliced(
        0,
        1,
        follow(1, { [ROOM]: 3 }),
        got(3, 'm', 1, {
          kind: 'MemberJoined',
          id: undefined,
          hash: undefined,
          tag: undefined,
          subject: BOB,
        }),
      ),
    ],
    ['I4', 'one comes twice', [...start, ok('a', 4), got(4, 'a'), got(4, 'a'), truth(said(4, 'a')), end]],
    [
      'I5',
      'one is lost between two connections',
      [
        ...start,
        ok('a', 4),
        got(4, 'a'),
        sent('b'),
        ok('b', 5),
        sent('c'),
        ok('c', 6),
        follow(2),
        got(6, 'c', 2),
        truth(...AB, said(6, 'c')),
        end,
      ],
    ],
    [
      'I5',
      'one comes again after a reconnect',
      [...start, ok('a', 4), got(4, 'a'), follow(2), got(4, 'a', 2), truth(said(4, 'a')), end],
    ],
    [
      'I5',
      'continuity is given up without a reason',
      [
        ...start,
        ok('a', 4),
        { f: 'resync', client: 'bob', sub: 1, reason: 'CURSOR_EXPIRED' },
        follow(2, { [ROOM]: 4 }),
        truth(said(4, 'a')),
        end,
      ],
    ],
    [
      'I6',
      'two see different messages',
      [
        ...start,
        ok('a', 4),
        got(4, 'a'),
        { ...(follow(1, { [ROOM]: 3 }) as object), client: 'eve', user: ADA } as Said,
        { ...(got(4, 'z') as object), client: 'eve' } as Said,
        truth(said(4, 'a')),
        end,
      ],
    ],
    [
      'I6',
      'a fresh client reads something else',
      [
        ...start,
        ok('a', 4),
        got(4, 'a'),
        truth(said(4, 'a')),
        { f: 'truth', source: 'client', room: ROOM, events: members },
        end,
      ],
    ],
    [
      'I7',
      'a message comes in the wrong room',
      [...start, ok('a', 4), got(4, 'a', 1, { tag: 9 }), truth(said(4, 'a')), end],
    ],
    [
      'I7',
      'somebody gets a room that was never theirs',
      [
        { ...(follow(1, { [ROOM]: 3 }) as object), user: 99 } as Said,
        sent('a'),
        ok('a', 4),
        got(4, 'a'),
        truth(said(4, 'a')),
        end,
      ],
    ],
    [
      'I8',
      'a removed member hears more',
      [...start, ...removed, got(5, 'a'), truth(left, said(5, 'a')), { f: 'end', live: [] }],
    ],
    [
      'I8',
      'a session hears something long after its end',
      [
        ...start,
        { f: 'revoke', type: 'ok', op: 1, user: BOB, at: -5_000 },
        got(4, 'a'),
        truth(said(4, 'a')),
        end,
      ],
    ],
    [
      'I8',
      'a stream outlives its token',
      [
        { ...(follow(1, { [ROOM]: 3 }) as object), expires: -5_000 } as Said,
        sent('a'),
        got(4, 'a'),
        truth(said(4, 'a')),
        end,
      ],
    ],
    [
      'I9',
      'one key has two numbers',
      [...start, sent('b'), ok('a', 4), ok('a', 5), ok('b', 5), got(4, 'a'), got(5, 'b'), truth(...AB), end],
    ],
    [
      'I9',
      'a key takes another text',
      [
        ...start,
        ok('a', 4),
        got(4, 'a'),
        { f: 'conflict', type: 'ok', room: ROOM, user: ADA, key: 'a' },
        truth(said(4, 'a')),
        end,
      ],
    ],
    [
      'I9',
      'a fresh key is a conflict',
      [...start, { ...post, type: 'fail', key: 'a', code: 'IDEMPOTENCY_CONFLICT' }, truth(), end],
    ],
    [
      'I10',
      'what was sent later comes earlier',
      [
        ...start,
        ok('a', 5),
        sent('b'),
        ok('b', 4),
        got(4, 'b'),
        got(5, 'a'),
        truth(said(4, 'b'), said(5, 'a')),
        end,
      ],
    ],
    ['I11', 'the end of the log never arrives', [...start, ok('a', 4), truth(said(4, 'a')), end]],
    [
      'I11',
      'a bound is missed',
      [
        ...start,
        ok('a', 4),
        got(4, 'a'),
        { f: 'expect', type: 'fail', what: 'caught up', ms: 5_000 },
        truth(said(4, 'a')),
        end,
      ],
    ],
    ['I11', 'the run does not get to its end', [...start, ok('a', 4), got(4, 'a')]],
    [
      'I12',
      'something is left over',
      [
        ...start,
        ok('a', 4),
        got(4, 'a'),
        { f: 'hygiene', ok: false, what: '3 streams' },
        truth(said(4, 'a')),
        end,
      ],
    ],
    [
      'I19',
      'a number is not that of its rows',
      [
        ...start,
        ok('a', 4),
        got(4, 'a'),
        { f: 'audit', ok: false, what: 'votes of polls' },
        truth(said(4, 'a')),
        end,
      ],
    ],
  ])('%s: %s', (invariant, _, entries) => expect(invariantsIn(entries)).toContain(invariant));

  test('its violation comes with the piece of history that shows it', () => {
    const history = historyOf([...start, ok('a', 4), got(4, 'a'), got(4, 'a'), truth(said(4, 'a')), end]);
    const [violation] = check(history).violations;
    expect(sliceOf(history, violation!).filter(({ f }) => f === 'recv')).toHaveLength(2);
  });
});

test('a seed gives the same numbers again', () => {
  const [one, other] = [new Random(5), new Random(5)];
  expect([one.next(), one.below(9), one.next()]).toEqual([other.next(), other.below(9), other.next()]);
});

test('an announcement is recognised where it is whole, and not before', () => {
  const frame = Buffer.from('*3\r\n$7\r\nmessage\r\n$8\r\nparley:5\r\n$3\r\nabc\r\n');
  expect(pushAt(frame)).toMatchObject({ channel: 'parley:5', payload: Buffer.from('abc') });
  expect(pushAt(frame.subarray(0, -1))).toBeNull();
});
