/** A server, or an SDK, with one mistake in it. A checker that finds nothing proves something only if it finds these. */
export interface Mutant {
  readonly name: string;
  /** Its number in the list of docs/reliability.md. */
  readonly bug: number;
  readonly says: string;
  /** The faults that provoke it, as `--only` takes them. */
  readonly only?: string;
  /** The tests that fail with it, where they are the better witness: a file, and what their names begin with. */
  readonly test?: readonly [file: string, name: string];
  readonly edits: readonly Edit[];
}

/** A piece of a source file, or of a function in the database, that must be there exactly once, and what it becomes. */
export interface Edit {
  /** Below the root of the project; `sql:NAME` is the function NAME as the migrations leave it. */
  readonly where: string;
  readonly text: string;
  readonly becomes: string;
  /** Statements beside it, for instance to drop an index that would make the mistake impossible. */
  readonly also?: readonly string[];
}

const ACCEPT_ANYTHING: Edit[] = [
  {
    where: 'src/eventlog/follower/room-follower.ts',
    text: 'next.length === head - this.last && next.every((event, i) => event.roomSeq === this.last + 1 + i);',
    becomes: 'next.length > 0;',
  },
  {
    where: 'src/eventlog/follower/room-follower.ts',
    text: 'if (event.roomSeq !== this.last + 1) continue;',
    becomes: '',
  },
];

/** A post that is alone is judged as a batch, too: the function for batches is the one with the mistake. */
const BATCHES_ALONE: Edit = {
  where: 'src/changes/calls.ts',
  text: 'if (one?.kind.singleFunction && batch.length === 1 &&',
  becomes: 'if (one?.kind.singleFunction && batch.length === 0 &&',
};

// 6 of the list was "nothing is done when Redis is ready again". Here a head poll follows every 300 ms until probes
// come back, whatever `ready` starts; leaving that out changes nothing that anybody could see. What can be broken is
// the way back of the subscriber itself.
// 4 of the list, an announcement before the commit, needs a transaction around the one call that posting is: the
// mutant makes one.
export const mutants: readonly Mutant[] = [
  {
    name: 'replay-before-follow',
    bug: 1,
    says: 'the log is read up to the head first, then the room is followed from where it is by then',
    // No fault meets the moment in every seed.
    test: ['test/realtime/two-nodes.test.ts', 'a stream has what is announced while'],
    edits: [
      {
        where: 'src/eventlog/streams/room-source.ts',
        text: 'const follower = logFollower.followRoom(opening.roomId, opening.head, opening.epoch);',
        becomes:
          'const follower = logFollower.followRoom(opening.roomId, opening.head, opening.epoch);\n    (this as any).liveFrom = follower.last;',
      },
      {
        where: 'src/eventlog/streams/room-source.ts',
        text: '    const event = this.reader.take();\n    if (event === null) return null;',
        becomes: `    if (this.reader.position === this.head)
      this.reader.position = Math.max(this.head, (this as any).liveFrom);
    const event = this.reader.take();
    if (event === null) return null;`,
      },
    ],
  },
  {
    name: 'numbers-burnt',
    bug: 2,
    says: 'a post that is not stored takes a number all the same, as from a sequence',
    only: 'post bursts*6',
    edits: [
      BATCHES_ALONE,
      {
        where: 'sql:apply_posts',
        text: "count(*) FILTER (WHERE j.status = 'OK') OVER",
        becomes: 'count(*) OVER',
      },
    ],
  },
  {
    name: 'dedupe-before-lock',
    bug: 3,
    says: 'known keys are looked up in a snapshot from before the lock, and no unique index makes up for it',
    only: 'postgres link slow*2',
    edits: [
      BATCHES_ALONE,
      {
        where: 'sql:make_changes',
        text: '  v_busy := lock_rooms(',
        becomes: `  v_known := ARRAY(SELECT k FROM messages k JOIN unnest(p_posts) AS u
    ON k.room_id = u.room_id AND k.author_id = u.author_id AND k.idempotency_key = u.key COLLATE "C");
  PERFORM pg_sleep(0.005);
  PERFORM set_config('mutant.known', v_known::text, true);
  v_busy := lock_rooms(`,
      },
      {
        where: 'sql:make_changes',
        text: 'v_busy BIGINT[];',
        becomes: 'v_busy BIGINT[]; v_known messages[];',
      },
      {
        where: 'sql:apply_posts',
        text: 'FROM messages k\n      WHERE k.room_id = v_room',
        becomes: `FROM unnest(current_setting('mutant.known')::messages[]) k WHERE k.room_id = v_room`,
      },
      {
        where: 'sql:apply_posts',
        text: 'FROM messages k\n      WHERE k.room_id = u.room_id',
        becomes: `FROM unnest(current_setting('mutant.known')::messages[]) k WHERE k.room_id = u.room_id`,
        also: ['DROP INDEX messages_room_id_author_id_idempotency_key_key'],
      },
    ],
  },
  {
    name: 'announce-before-commit',
    bug: 4,
    says: 'others hear of a post that is not committed yet, and perhaps never will be',
    only: 'postgres link slow*1,postgres immediate restart*4,node kill at commit*2',
    edits: [
      {
        where: 'src/platform/db.ts',
        text: 'const result = await pool.query({ name: statementName, text, values: values as unknown[] });',
        becomes: `const g = globalThis as any;
      if (text.includes('post_one') || text.includes('make_changes')) {
        const client = await pool.connect();
        try {
          await client.query('BEGIN');
          const early = await client.query({ name: statementName, text, values: values as unknown[] });
          g.announceEarly?.(values, early.rows);
          await new Promise((resolve) => setTimeout(resolve, 30));
          await client.query('COMMIT');
          client.release();
          return early.rows as Row[];
        } catch (error) {
          client.release(error as Error);
          throw error;
        }
      }
      const result = await pool.query({ name: statementName, text, values: values as unknown[] });`,
      },
      {
        where: 'src/changes/make-change.ts',
        text: '    const outcomes = await makeBatch(node, batch, lockMode);\n    announceBatch(node, batch, outcomes);',
        becomes: `    (globalThis as any).announceEarly = (_values: unknown, rows: (ChangeOutcome & { kind: string; ord: number })[]) => {
      const early = batch.map((one, i) => {
        const ord = batch.slice(0, i + 1).filter(({ kind }) => kind === one.kind).length;
        return rows.find((row) => row.kind === one.kind.name && row.ord === ord);
      });
      if (early.every(Boolean)) announceBatch(node, batch, early as ChangeOutcome[]);
    };
    const outcomes = await makeBatch(node, batch, lockMode);`,
      },
    ],
  },
  {
    name: 'no-head-check',
    bug: 5,
    says: 'heads are read where a stream asks for it, not every second',
    only: 'last hint dropped*3',
    edits: [
      {
        where: 'src/eventlog/follower/head-poll.ts',
        text: 'if (this.isClosed) return;\n    clearTimeout(this.timer);',
        becomes: 'if (delayMs >= 0) return;\n    clearTimeout(this.timer);',
      },
    ],
  },
  {
    name: 'deaf-after-redis',
    bug: 6,
    says: 'a subscriber whose connection came back does not subscribe again',
    only: 'redis kill*1,redis client kill*2',
    edits: [{ where: 'src/platform/bus.ts', text: "redis.on('ready',", becomes: "redis.once('ready'," }],
  },
  {
    name: 'gap-accepted',
    bug: 7,
    says: 'announced events are believed though they do not continue',
    only: 'hints mangled*2',
    edits: ACCEPT_ANYTHING,
  },
  {
    name: 'unsigned-accepted',
    bug: 7,
    says: 'announcements are believed whoever sealed or altered them',
    only: 'hints forged*2',
    edits: [{ where: 'src/platform/sealing.ts', text: 'return null; // the tag does not fit', becomes: '' }],
  },
  {
    name: 'other-epoch-accepted',
    bug: 7,
    says: 'announcements of another incarnation of the data are believed',
    only: 'hints forged*2',
    edits: [
      {
        where: 'src/eventlog/follower/announcer.ts',
        text: "if (epoch !== this.epoch.current) {\n      if (databaseToldBy(text) === this.epoch.database) onDoubt();\n      return ['other epoch'];\n    }",
        becomes: '',
      },
    ],
  },
  {
    name: 'gap-skipped',
    bug: 8,
    says: 'a reader that finds a gap goes on behind it',
    only: 'hints mangled*2',
    edits: [
      ...ACCEPT_ANYTHING,
      {
        where: 'src/eventlog/follower/room-follower.ts',
        text: 'return this.recent[roomSeq - this.last + this.recent.length - 1];',
        becomes: 'return this.recent.find((event) => event.roomSeq >= roomSeq);',
      },
      {
        where: 'src/eventlog/streams/room-source.ts',
        text: "if (event.roomSeq !== this.position + 1) return 'trimmed';\n    this.position++;",
        becomes: 'this.position = event.roomSeq;',
      },
    ],
  },
  {
    name: 'access-judged-once',
    bug: 9,
    says: 'membership is looked at when a stream is opened, and never again',
    only: 'member removed*4',
    edits: [
      {
        where: 'src/rooms/events.ts',
        text: 'endsAccessOf: ({ subject }, userId) => subject === userId,',
        becomes: 'endsAccessOf: () => false,',
      },
    ],
  },
  {
    name: 'expiry-ignored',
    bug: 10,
    says: 'an open socket outlives its access token',
    only: 'token expires*1',
    edits: [
      {
        where: 'src/server/transport/live-connection.ts',
        text: "if (expiresAt <= now) return this.finish('AUTH_EXPIRED');",
        becomes: '',
      },
    ],
  },
  {
    name: 'key-without-author',
    bug: 11,
    says: 'a key is looked up in the room, whoever used it',
    only: 'client reset*10',
    edits: [
      BATCHES_ALONE,
      {
        where: 'sql:apply_posts',
        text: 'k.room_id = u.room_id AND k.author_id = u.author_id AND',
        becomes: 'k.room_id = u.room_id AND',
      },
      {
        where: 'sql:apply_posts',
        text: 'k.room_id = v_room AND k.author_id = u.author_id AND',
        becomes: 'k.room_id = v_room AND',
      },
    ],
  },
  {
    name: 'number-given-twice',
    bug: 12,
    says: 'deleting the newest message takes its number back',
    only: 'client reset*10',
    edits: [
      {
        where: 'sql:apply_deletions',
        text: '  WITH judged AS (',
        becomes: `  WITH newest AS (
    DELETE FROM messages m USING unnest(p_deletions) AS u, room_heads h
    WHERE h.room_id = u.room_id AND m.room_id = u.room_id AND m.room_seq = u.room_seq AND m.room_seq = h.last_room_seq
    RETURNING m.room_id, m.room_seq
  ), event AS (
    DELETE FROM room_events e USING newest n WHERE e.room_id = n.room_id AND e.room_seq = n.room_seq
  )
  UPDATE room_heads h SET last_room_seq = h.last_room_seq - 1, last_message_seq = h.last_message_seq - 1
  FROM newest n WHERE h.room_id = n.room_id;
  WITH judged AS (`,
      },
    ],
  },
  {
    name: 'wrong-room',
    bug: 13,
    says: 'rooms that share a channel are taken for one another',
    only: 'client reset*3',
    edits: [
      {
        where: 'src/eventlog/follower/announcer.ts',
        text: 'const packet = unpack(text, (topic, id) => followersOf(topic).has(id));',
        becomes: `const told = unpack(text, () => true);
    const packet = told && {
      ...told,
      parts: told.parts.flatMap(({ id, json }) =>
        [...followersOf(told.topic).keys()].filter((other) => other % 2 === id % 2).map((other) => ({ id: other, json })),
      ),
    };`,
      },
    ],
  },
  {
    name: 'stream-leaked',
    bug: 14,
    says: 'a stream that nobody reads any more waits for its next event, perhaps for ever, as an async generator would',
    only: 'client reset*3',
    edits: [
      {
        where: 'src/eventlog/streams/stream.ts',
        text: '  async return(): Promise<IteratorResult<StreamItem>> {\n    this.end();',
        becomes: '  async return(): Promise<IteratorResult<StreamItem>> {',
      },
      { where: 'src/delivery/delivery.ts', text: '    this.subscribed.stream.end();\n', becomes: '' },
    ],
  },
  {
    name: 'error-swallowed',
    bug: 15,
    says: 'events that could not be read are left out, and the room goes on',
    only: 'postgres cut while hints are lost*3',
    edits: [
      {
        where: 'src/eventlog/follower/room-follower.ts',
        text: 'this.log.onFailure(this.roomId, error as Error);',
        becomes: `this.log.onFailure(this.roomId, error as Error);
        this.last = this.wanted;
        return this.wake();`,
      },
    ],
  },
  {
    name: 'place-lost',
    bug: 17,
    says: 'who has shared a place in a room with others goes on from where the room is, not from there',
    only: 'member removed*5',
    edits: [
      {
        where: 'src/delivery/broadcast-group.ts',
        text: 'return this.position;',
        becomes: 'return this.follower.last;',
      },
    ],
  },
  {
    name: 'recent-without-log',
    bug: 16,
    says: 'what has left the recent events buffer is not read from the log',
    only: 'node kill*3,mass disconnect*2',
    edits: [
      {
        where: 'src/eventlog/streams/room-source.ts',
        text: 'if (event === undefined) void this.fill();',
        becomes: 'if (event === undefined) this.position = this.follower.last;',
      },
    ],
  },
  {
    name: 'rebase-skipped',
    bug: 18,
    says: 'a new epoch keeps the transaction numbers of the server that the data come from',
    only: 'restore into a younger cluster*1',
    edits: [
      {
        where: 'sql:rotate_epoch',
        text: 'UPDATE room_heads SET frozen_room_seq = last_room_seq, last_stamp = 0, top_stamp = 0',
        becomes: 'UPDATE room_heads SET frozen_room_seq = frozen_room_seq',
      },
    ],
  },
  {
    name: 'restore-unnoticed',
    bug: 18,
    says: 'a node runs on restored data as if it had been there all the time',
    test: ['test/restore.test.ts', 'with numbers that the server has yet to give out'],
    edits: [
      {
        where: 'src/app.ts',
        text: 'if (await adoptData(databaseUrl))',
        becomes: 'if (databaseUrl === "" && (await adoptData(databaseUrl)))',
      },
    ],
  },
  {
    name: 'copy-unnoticed',
    bug: 18,
    says: 'a copy of the database on the same server passes for the database',
    only: 'database copied*1',
    edits: [{ where: 'sql:incarnation_home', text: 'SELECT d.oid FROM', becomes: 'SELECT 0 FROM' }],
  },
  {
    name: 'loss-ignored',
    bug: 19,
    says: 'a head below what the node has read already is taken for an old one',
    test: ['test/realtime/data-went-back.test.ts', 'a head that went back ends the streams'],
    edits: [
      {
        where: 'src/eventlog/follower/head-poll.ts',
        text: 'const loss = lossIn(heads, before);',
        becomes: 'const loss = before ? null : lossIn(heads, before);',
      },
    ],
  },
  {
    name: 'snapshot-beyond-the-disk',
    bug: 20,
    says: 'a position counts transactions as seen whose numbers a crash gives out again',
    test: ['test/realtime/data-went-back.test.ts', 'a crash that gives transaction numbers out again'],
    edits: [
      {
        where: 'src/eventlog/log.ts',
        text: 'const end = Math.min(xmax, stamp + 1);',
        becomes: 'const end = Math.max(xmax, stamp + 1);',
      },
    ],
  },
  {
    name: 'locked-room-waited-for',
    bug: 21,
    says: 'a locked room is not set aside, so its posts hold up the batches of all rooms',
    only: 'head lock held*1',
    edits: [
      {
        where: 'src/changes/make-change.ts',
        text: '!deadline.isOver && !busy.has(roomId)',
        becomes: '!deadline.isOver && (!busy.has(roomId) || roomId > 0)',
      },
    ],
  },
  {
    name: 'standby-unmapped',
    bug: 22,
    says: 'a database that takes no changes is taken for a mistake of the program',
    only: 'standby promoted*1',
    edits: [
      {
        where: 'src/platform/database-failure.ts',
        text: "  '25006': 'standby', // read-only",
        becomes: "  '25006': 'mistake', // read-only",
      },
    ],
  },
  {
    name: 'packet-unbounded',
    bug: 23,
    says: 'packets are opened whatever their length',
    test: ['test/sealing.test.ts', 'of more than the bound'],
    edits: [
      {
        where: 'src/platform/sealing.ts',
        text: "if (packet.length > MAX_PACKET_BYTES) return 'oversized';",
        becomes: '',
      },
    ],
  },
  {
    name: 'disk-full-unmapped',
    bug: 22,
    says: 'a full disk is taken for a mistake of the program',
    only: 'disk full*1,WAL full*1',
    edits: [
      {
        where: 'src/platform/database-failure.ts',
        text: "  '53': 'strained', // disk full",
        becomes: "  '53': 'mistake', // disk full",
      },
    ],
  },
  {
    name: 'retention-by-own-clock',
    bug: 24,
    says: 'a node calls events and sessions too old by its own clock',
    only: 'retention with a wrong clock*1',
    edits: [
      {
        where: 'src/platform/retention-clock.ts',
        text: 'if (Math.abs(skewMs) > MAX_CLOCK_SKEW_MS) {',
        becomes: 'if (Math.abs(skewMs) === Number.POSITIVE_INFINITY) {',
      },
      {
        where: 'src/platform/retention-clock.ts',
        text: 'return row.trustedAt;',
        becomes: 'return new Date();',
      },
    ],
  },
  {
    name: 'numbers-without-end',
    bug: 25,
    says: 'posts go on until the numbers of a room no longer fit, and leave none for those who leave',
    test: ['test/sequence-limits.test.ts', 'posts end before '],
    edits: [
      BATCHES_ALONE,
      { where: 'sql:apply_posts', text: '>= max_seq() - 10000 THEN', becomes: '>= max_seq() THEN' },
    ],
  },
  {
    name: 'position-behind-effect',
    bug: 26,
    says: 'a log consumer that takes over applies again what its predecessor had applied',
    test: [
      'test/consumers.test.ts',
      'with writers that dawdle, overtake and roll back, and workers that die',
    ],
    edits: [
      {
        where: 'src/eventlog/consumers/positions.ts',
        text: 'const values = [\n    consumer,\n    version,\n    seen,',
        becomes:
          'const values = [\n    consumer,\n    version,\n    seen.replace(/^(\\d+):(\\d+)/, (_all, xmin, xmax) => `${Math.min(xmin, xmax - 5)}:${xmax - 5}`),',
      },
    ],
  },
  {
    name: 'subscribed-too-early',
    bug: 6,
    says: 'a channel is subscribed before the client has checked that Redis is ready',
    test: ['test/bus.test.ts', 'a channel that is subscribed while'],
    edits: [
      {
        where: 'src/platform/bus.ts',
        text: "if (this.redis.status === 'ready') this.send([name]);",
        becomes: 'this.send([name]);',
      },
    ],
  },
  {
    name: 'text-becomes-code',
    bug: 27,
    says: 'a document is part of the program text that executes it',
    test: ['test/execution/attack.test.ts', 'no text of a document, and nothing else'],
    edits: [
      {
        where: 'src/graphql/execution/plan.ts',
        text: 'this.conditions = conditionsIn(this.scope);',
        becomes: `this.conditions = conditionsIn(this.scope);
    process.getBuiltinModule('node:vm').compileFunction('return ' + JSON.stringify(document));`,
      },
    ],
  },
  {
    name: 'budget-for-each-operation',
    bug: 28,
    says: 'each operation of a document may cause the work that the document may cause',
    test: ['test/documents.test.ts', 'is that of all its operations together'],
    edits: [
      {
        where: 'src/server/operations/operation-limits.ts',
        text: "for (const { visits } of shapes) this.budget.spend('visits', visits);",
        becomes:
          "for (const { visits } of shapes) new WorkBudget(introspectionLimit(this.schema)).spend('visits', visits);",
      },
    ],
  },
  {
    name: 'refused-judged-again',
    bug: 28,
    says: 'a refused document is parsed and measured each time it is sent',
    test: ['test/documents.test.ts', 'is neither parsed nor measured again'],
    edits: [
      {
        where: 'src/server/operations/documents.ts',
        text: 'const known = oversized ?? this.refused.get(query);',
        becomes: 'const known = oversized;',
      },
    ],
  },
  {
    name: 'openers-searched-again',
    bug: 28,
    says: 'every closing mark of a text is compared with all opening marks before it',
    test: ['test/plain-text.test.ts', 'is linear and no longer'],
    edits: [
      {
        where: 'src/messages/markdown-emphasis.ts',
        text: 'floors[kind] = closer.number - 1;',
        becomes: '',
      },
    ],
  },
  {
    name: 'anonymous-take-all-sockets',
    bug: 29,
    says: 'anonymous sockets have no share, so users who are signed in find none free',
    test: ['test/anonymous-load.test.ts', 'have a share of all sockets'],
    edits: [
      {
        where: 'src/server/transport/connection-quota.ts',
        text: 'if (this.anonymousCount >= Math.ceil((MAX_SOCKETS * ANONYMOUS_SOCKETS_PERCENT) / 100)) return false;',
        becomes: 'if (this.anonymousCount >= MAX_SOCKETS + ANONYMOUS_SOCKETS_PERCENT) return false;',
      },
    ],
  },
  {
    name: 'idle-socket-kept',
    bug: 29,
    says: 'a socket without operations stays open',
    test: ['test/anonymous-load.test.ts', 'are closed when they do nothing'],
    edits: [
      {
        where: 'src/server/transport/socket.ts',
        text: 'if (this.isIdle(now)) return this.close(...closes.IDLE);',
        becomes: '',
      },
    ],
  },
  {
    name: 'unread-response-kept',
    bug: 29,
    says: 'a response that its client does not read is kept',
    test: ['test/unread-responses.test.ts', 'a client that takes nothing'],
    edits: [
      {
        where: 'src/server/transport/unread-responses.ts',
        text: 'socket.setTimeout(times.unread);',
        becomes: '',
      },
    ],
  },
  {
    name: 'address-unlimited',
    bug: 30,
    says: 'requests without a token are not limited by address',
    test: ['test/anonymous-load.test.ts', 'are limited by address'],
    edits: [
      {
        where: 'src/server/operations/charges.ts',
        text: '[own.waitFor(points), all.waitFor(points, reserve)];',
        becomes: '[0, all.waitFor(points, reserve)];',
      },
    ],
  },
  {
    name: 'parsing-for-nothing',
    bug: 30,
    says: 'parsing and validating a document costs its sender nothing',
    test: ['test/anonymous-load.test.ts', 'pay for documents that the node does not know'],
    edits: [
      {
        where: 'src/server/operations/charges.ts',
        text: 'return isKnown ? 0 : prices.unknownDocument + document.length * prices.documentCharacter;',
        becomes: 'return isKnown || document ? 0 : 1;',
      },
    ],
  },
  {
    name: 'rooms-for-each-stream',
    bug: 31,
    says: 'every inbox stream of a user has a set of the rooms of its own',
    test: ['test/inbox-sharing.test.ts', 'share one set of rooms'],
    edits: [
      {
        where: 'src/eventlog/streams/inbox-rooms.ts',
        text: 'known?.epoch === epoch ? known :',
        becomes: 'known?.epoch === -1 ? known :',
      },
    ],
  },
  {
    name: 'inbox-priced-flat',
    bug: 31,
    says: 'opening an inbox costs the same, however many rooms it has',
    test: ['test/inbox-sharing.test.ts', 'opening an inbox costs by its rooms'],
    edits: [
      {
        where: 'src/sync/sync.ts',
        text: 'owe(opening.rooms.length * POINTS_PER_ROOM);',
        becomes: 'owe(POINTS_PER_ROOM);',
      },
    ],
  },
  {
    name: 'rooms-without-number',
    bug: 31,
    says: 'a user may create rooms without end',
    test: ['test/room-quota.test.ts', 'nobody creates or joins more rooms'],
    edits: [{ where: 'sql:have_places', text: '>= p_max);', becomes: '>= p_max + 1000);' }],
  },
  {
    name: 'search-without-index',
    bug: 32,
    says: 'a search that few rooms match reads all of them',
    test: ['test/plans.test.ts', 'what few rooms contain'],
    edits: [
      {
        where: 'src/rooms/directory.store.ts',
        text: 'text_parts(r.search_text) @> (SELECT wanted_parts(${folded}))',
        becomes: "r.search_text LIKE '%' || (SELECT ${folded}) || '%'",
      },
    ],
  },
  {
    name: 'attempts-by-spelling',
    bug: 33,
    says: 'attempts to sign in count for the name as it was typed',
    test: ['test/login-limits.test.ts', 'is limited over all networks under all its names together'],
    edits: [
      {
        where: 'src/accounts/accounts.ts',
        text: 'key: `account ${account.id}`',
        becomes: 'key: usernameOrEmail',
      },
    ],
  },
  {
    name: 'owner-locked-out',
    bug: 33,
    says: 'an account that others guess is closed to its owner',
    test: ['test/login-limits.test.ts', 'gets in from a network that the account was used from'],
    edits: [
      {
        where: 'src/accounts/limits.ts',
        text: 'if (refusal && !isKnownNetwork) throw refusal;',
        becomes: 'if (refusal) throw refusal;',
      },
    ],
  },
  {
    name: 'first-admin-token-logged',
    bug: 34,
    says: 'the log has the token of the first administrator',
    test: ['test/accounts.test.ts', 'the token of the first administrator is printed'],
    edits: [
      {
        where: 'src/main.ts',
        text: "app.log.info({ ...urls, ...facts }, 'ready');",
        becomes: "app.log.info({ ...urls, ...facts, invitation: app.firstAdminToken }, 'ready');",
      },
    ],
  },
  {
    name: 'bus-in-clear',
    bug: 34,
    says: 'texts are signed, but not encrypted, on their way through Redis',
    test: ['test/sealing.test.ts', 'shows nothing of what it says'],
    edits: [
      {
        where: 'src/platform/sealing.ts',
        text: "nonce, cipher.update(text, 'utf8'), cipher.final()",
        becomes: "nonce, Buffer.from(text), (cipher.update(text, 'utf8'), cipher.final())",
      },
    ],
  },
  {
    name: 'answers-stored',
    bug: 34,
    says: 'caches may keep answers with tokens',
    test: ['test/response-headers.test.ts', 'no answer is stored by anybody'],
    edits: [
      {
        where: 'src/server/transport/http.ts',
        text: "res.setHeader('cache-control', 'no-store');",
        becomes: '',
      },
    ],
  },
  {
    name: 'node-as-superuser',
    bug: 34,
    says: 'a node connects to the embedded database as its superuser',
    test: ['test/database-role.test.ts', 'is the only one that a node connects as'],
    edits: [
      {
        where: 'src/embedded-postgres/roles.ts',
        text: 'return urlOf(NODE_ROLE, nodePassword(superuserPassword), port, DATABASE);',
        becomes: 'return superuserUrl(port, superuserPassword);',
      },
    ],
  },
  {
    name: 'flood-called-an-outage',
    bug: 34,
    says: 'a flood of sign-ins is logged and answered as if the database were away',
    test: ['test/login-limits.test.ts', 'a flood of sign-ins'],
    edits: [
      {
        where: 'src/platform/semaphore.ts',
        text: "import { refuse } from './errors.ts';",
        becomes: "import { DatabaseAway } from './database-failure.ts';",
      },
      {
        where: 'src/platform/semaphore.ts',
        text: "throw refuse('UNAVAILABLE', this.tooMany, { retryAfterMs: RETRY_AFTER_MS });",
        becomes: 'throw new DatabaseAway(new Error(this.tooMany));',
      },
    ],
  },
  {
    name: 'container-with-rights',
    bug: 34,
    says: 'containers keep capabilities that they do not need',
    test: ['test/contract/compose.test.ts', 'compose.yaml '],
    edits: [{ where: 'compose.yaml', text: 'cap_drop: [ALL]', becomes: 'cap_drop: []' }],
  },
  {
    name: 'statements-compiled',
    bug: 35,
    says: 'a server with JIT compiles every statement of the head poll',
    test: ['test/database-session.test.ts', 'no connection of a node compiles statements'],
    edits: [{ where: 'src/platform/pools.ts', text: "  '-c jit=off',\n", becomes: '' }],
  },
  {
    name: 'position-torn',
    bug: 36,
    says: 'a client that is killed while it stores its position cannot read the file again',
    test: ['test/client-sdk/file-storage.test.ts', 'a commit that a crash cut short'],
    edits: [
      {
        where: 'packages/client/src/file-storage.ts',
        text: "const wholeLines = (text: string) => text.split('\\n').slice(0, -1);",
        becomes: "const wholeLines = (text: string) => text.split('\\n').filter(Boolean);",
      },
    ],
  },
  {
    name: 'value-of-another-viewer',
    bug: 37,
    says: 'a value that differs between viewers is that of the viewer who was served first',
    test: ['test/reactions.test.ts', 'each viewer is told their own, by one execution'],
    edits: [
      {
        where: 'src/delivery/shared-text.ts',
        text: 'const known = this.known.get(value);',
        becomes: 'const known = this.known.values().next().value;',
      },
    ],
  },
  {
    name: 'satellites-left',
    bug: 38,
    says: 'reactions stay when their message is deleted',
    test: ['test/reactions.test.ts', 'goes with the message'],
    edits: [
      {
        where: 'sql:apply_deletions',
        text: 'PERFORM remove_satellites(v_rooms, v_room_seqs);',
        becomes: 'NULL;',
      },
    ],
  },
  {
    name: 'refused-edit-numbered',
    bug: 39,
    says: 'an edit that is refused takes a number from the others of its batch',
    test: ['test/changes.test.ts', 'is one call; refused changes are outcomes'],
    edits: [
      {
        where: 'sql:apply_edits',
        text: "count(*) FILTER (WHERE j.status = 'OK') OVER",
        becomes: 'count(*) OVER',
      },
    ],
  },
  {
    name: 'lease-without-end',
    bug: 40,
    says: 'ephemeral values of a node that died stay',
    test: ['test/ephemeral.test.ts', 'values of a node that is silent end with the lease'],
    edits: [
      {
        where: 'src/eventlog/ephemeral/watched-topics.ts',
        text: 'const endsAt = performance.now() + Math.min(forMs ?? leaseMs, leaseMs);',
        becomes: 'const endsAt = Number.POSITIVE_INFINITY;',
      },
    ],
  },
  {
    name: 'position-before-items',
    bug: 41,
    says: 'the SDK stores its position in one commit, and the items before the position in the next one',
    only: 'device kill at commit*6',
    edits: [
      {
        where: 'packages/client/src/store.ts',
        text: 'if (durable.size > 0) await this.options.storage.commit(durable);',
        becomes: `const parts = [true, false].map(
      (isFirst) => new Map([...durable].filter(([key]) => (key === 'position') === isFirst)),
    );
    for (const part of parts) if (part.size > 0) await this.options.storage.commit(part);`,
      },
    ],
  },
  {
    name: 'lost-rooms-kept',
    bug: 42,
    says: 'a snapshot after ResyncRequired adds its rooms to those of the SDK, and removes none',
    only: 'device away through a new epoch*3',
    edits: [
      {
        where: 'packages/client/src/inbox.ts',
        text: 'state: begin(snapshot), views: {}',
        becomes:
          'state: { ...begin(snapshot), rooms: { ...model.state?.rooms, ...begin(snapshot).rooms } }, views: {}',
      },
    ],
  },
  {
    name: 'accepted-before-stored',
    bug: 43,
    says: '`send` of the SDK resolves before the message is stored in the outbox',
    only: 'device kill before commit*6',
    edits: [
      {
        where: 'packages/client/src/engine.ts',
        text: `    this.store.update((model) => addEntry(model, entry));
    this.sender.wake();
    await this.store.flush();`,
        becomes: `    this.store.update((model) => addEntry(model, entry));
    this.sender.wake();`,
      },
    ],
  },
  {
    name: 'threads-share-numbers',
    bug: 44,
    says: 'replies of one batch in different threads of a room are numbered together',
    only: 'post bursts*6',
    edits: [
      {
        where: 'sql:apply_replies',
        text: 'OVER (PARTITION BY j.room_id, j.root_seq ORDER BY j.ord) AS nth_in_thread',
        becomes: 'OVER (PARTITION BY j.room_id ORDER BY j.ord) AS nth_in_thread',
      },
    ],
  },
  {
    name: 'votes-kept',
    bug: 45,
    says: 'a changed vote is added, and the vote before it is not taken back',
    only: 'post bursts*6',
    edits: [
      {
        where: 'sql:apply_votes',
        text: 'v_counts[v_option] := v_counts[v_option] - 1;',
        becomes: 'NULL;',
      },
    ],
  },
];
