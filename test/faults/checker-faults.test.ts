import { describe, expect, test } from 'vitest';
import { check } from './checker.ts';
import {
  BOB,
  end,
  follow,
  got,
  historyOf,
  invariantsIn,
  ok,
  post,
  ROOM,
  type Said,
  said,
  sent,
  truth,
} from './samples.ts';
import type { Invariant } from './verdict.ts';

const OLD = 1;
const NEW = 2;
const begin = (head: number): Said => ({ f: 'branch', phase: 'begin', heads: { [ROOM]: head } });
const settled: Said = { f: 'branch', phase: 'settled' };
const resync: Said = { f: 'resync', client: 'bob', sub: 1, reason: 'CURSOR_FOREIGN' };
const inEpoch = (epoch: number, entry: Said) => ({ ...entry, epoch }) as Said;
const anew = (sub: number, head: number) => inEpoch(NEW, follow(sub, { [ROOM]: head }));
/** Two posts are acknowledged and delivered under the old epoch. */
const before = [
  inEpoch(OLD, follow(1, { [ROOM]: 3 })),
  sent('a'),
  ok('a', 4),
  inEpoch(OLD, got(4, 'a')),
  sent('b'),
  ok('b', 5),
  inEpoch(OLD, got(5, 'b')),
];
const other = [sent('c'), ok('c', 5), inEpoch(NEW, got(5, 'c', 2))];

describe('the data go on from an earlier number', () => {
  const story = [
    ...before,
    begin(4),
    settled,
    resync,
    anew(2, 4),
    ...other,
    truth(said(4, 'a'), said(5, 'c')),
    end,
  ];

  test('what was acknowledged beyond it may be lost', () => {
    const { violations, takenBack } = check(historyOf(story));
    expect({ violations, takenBack }).toEqual({ violations: [], takenBack: 1 });
  });

  test('a post that was taken back may be posted again by its key', () => {
    const again = [sent('b'), ok('b', 5), inEpoch(NEW, got(5, 'b', 2))];
    const entries = [
      ...before,
      begin(4),
      settled,
      resync,
      anew(2, 4),
      ...again,
      truth(said(4, 'a'), said(5, 'b')),
      end,
    ];
    expect(check(historyOf(entries)).violations).toEqual([]);
  });

  test('an answer to a request from before it may tell of what was taken back', () => {
    const late: Said = { ...post, type: 'ok', key: 'd', seq: 6, id: `msg_${ROOM}_6`, hash: 'd', sentAt: 5 };
    const entries = [sent('d'), ...story.toSpliced(-2, 0, late)];
    expect(check(historyOf(entries)).violations).toEqual([]);
  });

  test.each<[Invariant, string, Said[]]>([
    [
      'I1',
      'but nothing up to it',
      [...before, begin(5), settled, resync, anew(2, 5), truth(said(4, 'a')), end],
    ],
    [
      'I1',
      'and nothing that was acknowledged later',
      [...before, begin(4), settled, resync, anew(2, 4), ...other, truth(said(4, 'a')), end],
    ],
    [
      'I5',
      'and nobody goes on from a position of before',
      [
        ...before,
        begin(4),
        settled,
        inEpoch(OLD, follow(2)),
        inEpoch(OLD, got(6, 'c', 2)),
        truth(said(4, 'a')),
        end,
      ],
    ],
    [
      'I5',
      'and nobody is let in with one',
      [
        ...before,
        begin(4),
        settled,
        inEpoch(OLD, follow(2)),
        { f: 'ready', client: 'bob', sub: 2 },
        truth(said(4, 'a')),
        { f: 'end', live: [] },
      ],
    ],
    [
      'I5',
      'and nobody who is live stays behind it',
      [...before, begin(4), settled, truth(said(4, 'a')), end],
    ],
    [
      'I5',
      'and a client that starts over misses nothing up to it',
      [
        ...before.slice(0, 4),
        begin(4),
        settled,
        resync,
        anew(2, 6),
        sent('c'),
        ok('c', 7),
        inEpoch(NEW, got(8, 'c', 2)),
        truth(said(4, 'a')),
        end,
      ],
    ],
    [
      'I6',
      'and the new data are the same for everybody',
      [...story.slice(0, -2), inEpoch(NEW, got(5, 'z', 2)), truth(said(4, 'a'), said(5, 'c')), end],
    ],
  ])('%s: %s', (invariant, _, entries) => expect(invariantsIn(entries)).toContain(invariant));
});

test('a rotation of the epoch takes nothing back', () => {
  const rotated: Said = { f: 'branch', phase: 'begin' };
  const entries = [...before, rotated, settled, resync, anew(2, 5), truth(said(4, 'a')), end];
  expect(invariantsIn(entries)).toContain('I1');
});

test('I13: a client is told INTERNAL', () => {
  const internal: Said = { f: 'internal', what: 'node 1 answered …' };
  expect(invariantsIn([follow(1, { [ROOM]: 3 }), internal, truth(), end])).toEqual(['I13']);
});

describe('the head of a room is locked', () => {
  const OTHER = 9;
  const at = (t: number, entry: Said) => ({ ...entry, ...{ t } }) as Said;
  const lock = (phase: 'begin' | 'end', t: number) =>
    at(t, { f: 'fault', kind: 'head lock held', phase, n: 1, room: OTHER });
  const during = (...entries: Said[]) => [
    follow(1, { [ROOM]: 3 }),
    lock('begin', 100),
    ...entries,
    lock('end', 9_000),
  ];
  const rest = [inEpoch(0, got(4, 'a')), truth(said(4, 'a')), end];

  test('a post into another room is counted', () => {
    const entries = [...during(at(200, sent('a')), at(300, ok('a', 4))), ...rest];
    const { violations, lockedNeighbours } = check(historyOf(entries));
    expect(violations).toEqual([]);
    expect(lockedNeighbours).toMatchObject({ calls: 1, late: 0, maxMs: 100 });
  });

  test('I14: a post into another room waits for it', () => {
    const entries = [...during(at(200, sent('a')), at(3_000, ok('a', 4))), ...rest];
    expect(invariantsIn(entries)).toEqual(['I14']);
    expect(check(historyOf(entries)).lockedNeighbours).toMatchObject({ calls: 1, late: 1, maxMs: 2_800 });
  });

  test('I14: an edit in another room waits for it', () => {
    const edit = { f: 'edit', op: 1, user: BOB, room: ROOM, target: 4 } as const;
    const entries = during(at(200, { ...edit, type: 'invoke' }), at(3_000, { ...edit, type: 'fail' }));
    expect(invariantsIn([...entries, truth(), end])).toEqual(['I14']);
  });

  test('I14: a post into the locked room is never answered', () => {
    const hung: Said = { ...post, room: OTHER, key: 'a', type: 'info', code: 'ABORT_ERR' };
    expect(invariantsIn([...during(at(6_000, hung)), truth(), end])).toEqual(['I14']);
  });

  test('its own posts may be refused for the time being', () => {
    const busy: Said = { ...post, room: OTHER, key: 'a', type: 'info', code: 'UNAVAILABLE' };
    expect(check(historyOf([...during(at(6_000, busy)), truth(), end])).violations).toEqual([]);
  });
});

test('I15: a log consumer that counts an event twice, or not at all, is found', () => {
  const counted = (count: number): Said => ({
    f: 'counted',
    kind: 'MessageCreated',
    counted: count,
    stored: 5,
  });
  expect(invariantsIn([counted(5), truth(), end])).toEqual([]);
  expect(invariantsIn([counted(6), truth(), end])).toEqual(['I15']);
  expect(invariantsIn([counted(4), truth(), end])).toEqual(['I15']);
});
