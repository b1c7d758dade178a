import { randomUUID } from 'node:crypto';
import { allOf } from '../../capabilities/all.ts';
import type { Person } from '../../harness/people.ts';
import { MESSAGE, ROOM, type Rows, row } from './row.ts';
import type { World } from './world.ts';

// Every mutation there is. One that is added to the schema joins by a row: its input, right and sometimes wrong.

const PASSWORD = 'correct horse battery';
const ROLES = ['OWNER', 'ADMIN', 'MODERATOR', 'MEMBER', 'GUEST'];

/** None, one or two values, rarely with a wrong key. */
const metadataIn = ({ random }: World) => [
  ...(random.chance(0.8) ? [{ key: random.chance(0.1) ? '1st' : 'kind', value: { isTrue: true } }] : []),
  ...(random.chance(0.5) ? [{ key: 'weight', value: { number: random.int(3) } }] : []),
];

async function another(person: Person, password = PASSWORD) {
  return person.change(
    'login',
    { usernameOrEmail: person.username, password },
    'tokens { accessToken } viewer { sessions(first: 5) { nodes { id isCurrent } } }',
  );
}

const table: Rows = {
  register: 'The people of a sequence are made with it before they follow anything.',

  createRoom: row(
    5,
    (world) => {
      const { random } = world;
      const isAgain = random.chance(0.1);
      return {
        name: random.chance(0.05) ? 'x' : isAgain ? 'the same' : world.newName('room'),
        kind: random.chance(0.05) ? 'DIRECT' : random.pick(['PUBLIC', 'PUBLIC', 'PRIVATE']),
        ...(random.chance(0.3) && { description: 'what it is about' }),
        idempotencyKey: isAgain ? 'the same' : randomUUID(),
      };
    },
    ROOM,
  ),
  updateRoom: row(5, (world, actor) => ({
    roomId: world.roomWhere(actor, 'OWNER', 'ADMIN'),
    ...(world.random.chance(0.6) && { name: world.newName('renamed') }),
    ...(world.random.chance(0.5) && {
      description: world.random.pick(['', 'about', 'about something else']),
    }),
    ...(world.random.chance(0.3) && { messageLifetimeSeconds: world.random.pick([0, 3, 86_400]) }),
  })),
  archiveRoom: row(1, (world, actor) => ({ roomId: world.roomWhere(actor, 'OWNER', 'ADMIN') })),
  deleteRoom: row(1, (world, actor) => ({ roomId: world.roomWhere(actor, 'OWNER') })),
  openDirectRoom: row(
    4,
    (world) => ({ userIds: world.random.subset(world.players, 0.3).map(({ person }) => person.userId) }),
    ROOM,
  ),
  // Often back into a room that somebody has just left: that breaks the continuity of those who were away.
  joinRoom: row(10, ({ random, roomIds, leftIds }) => ({
    roomId: random.some(random.chance(0.4) && leftIds.length > 0 ? leftIds.slice(-2) : roomIds) ?? 'nowhere',
  })),
  leaveRoom: row(4, (world, actor) => world.leaving({ roomId: world.roomId(actor) })),
  addMembers: row(8, (world, actor) => ({
    roomId: world.roomWhere(actor, 'OWNER', 'ADMIN', 'MODERATOR'),
    userIds: Array.from({ length: world.random.chance(0.05) ? 0 : 1 + world.random.int(3) }, () =>
      world.userId(),
    ),
    ...(world.random.chance(0.4) && { role: world.random.pick(ROLES) }),
  })),
  removeMember: row(5, (world, actor) => {
    const roomId = world.roomWhere(actor, 'OWNER', 'ADMIN', 'MODERATOR');
    return world.leaving({ roomId, userId: world.memberOf(actor, roomId) });
  }),
  changeMemberRole: row(6, (world, actor) => {
    const roomId = world.roomWhere(actor, 'OWNER', 'ADMIN', 'MODERATOR');
    return { roomId, userId: world.memberOf(actor, roomId), role: world.random.pick(ROLES) };
  }),
  sendMessage: row(
    24,
    (world, actor) => {
      const { random, sent } = world;
      const again = random.chance(0.08) ? random.some(sent) : undefined;
      if (again) return random.chance(0.7) ? again : { ...again, text: 'something else' };
      const input = { roomId: world.roomId(actor), text: world.text(), idempotencyKey: randomUUID() };
      if (sent.push(input) > 20) sent.shift();
      const quoted = random.chance(0.3) && world.message(actor, (_message, { id }) => id === input.roomId);
      const root = random.chance(0.25) && world.message(actor, (_message, { id }) => id === input.roomId);
      const thread = root && { threadRootId: root.id, alsoSendToRoom: random.chance(0.3) };
      const metadata = random.chance(0.15) && metadataIn(world);
      const location = random.chance(0.1) && {
        latitude: random.int(91),
        longitude: -0.5,
        ...(random.chance(0.5) && { liveForSeconds: 600 }),
      };
      // 1 is refused. A shorter lifetime would end in the run, where snapshots are compared at any time.
      const expiry = random.chance(0.1) && { expiresInSeconds: random.pick([1, 86_400]) };
      const parts = { ...(metadata && { metadata }), ...(location && { location }), ...expiry };
      return { ...input, ...(quoted && { replyToId: quoted.id }), ...thread, ...parts };
    },
    MESSAGE,
  ),
  editMessage: row(
    10,
    (world, actor) => {
      const own = ({ authorId }: { authorId: string }) => authorId === actor.person.userId;
      const messageId = world.messageId(actor, own);
      return {
        messageId,
        text: world.text(),
        ...(world.random.chance(0.3) && { expectedVersion: 1 + world.random.int(3) }),
        ...(world.random.chance(0.3) && { metadata: metadataIn(world) }),
      };
    },
    MESSAGE,
  ),
  deleteMessage: row(5, (world, actor) => ({ messageId: world.messageId(actor) }), MESSAGE),

  ...allOf('mutations'),

  updateProfile: row(
    4,
    (world) => ({ displayName: world.random.chance(0.05) ? '' : world.newName('Dr.') }),
    'viewer { user { id } }',
  ),

  // Sessions are not folded. That they leave the streams alone is shown by doing it.
  login: () => ({
    weight: 1,
    play: (world, _actor, person) => another(person, world.random.chance(0.3) ? 'wrong password' : PASSWORD),
  }),
  logout: () => ({
    weight: 1,
    async play(_world, _actor, person) {
      const { tokens } = await another(person);
      const query = 'mutation { logout { __typename } }';
      const { data } = await person.withToken(tokens.accessToken).ask(query);
      return data.logout;
    },
  }),
  revokeSession: () => ({
    weight: 1,
    async play(world, _actor, person) {
      const isWrong = world.random.chance(0.3);
      const { viewer } = await another(person);
      const session = viewer.sessions.nodes.find((each: { isCurrent: boolean }) => each.isCurrent);
      const sessionId = isWrong ? person.userId : session.id;
      return person.change('revokeSession', { sessionId }, 'sessionId');
    },
  }),
  // The sessions that rows above have left; that of the streams stays.
  logoutAllSessions: row(1, () => ({}), 'endedCount'),
  refreshSession: () => ({
    weight: 1,
    play: (_world, _actor, person) =>
      person.change('refreshSession', { refreshToken: 'not one of ours' }, '__typename'),
  }),
  refreshStreamAuth: () => ({
    weight: 1,
    play: (_world, _actor, person) =>
      person.change('refreshStreamAuth', { accessToken: person.token }, '__typename'),
  }),
  // Accounts are not folded, and the nodes of a sequence send no mail.
  requestEmailVerification: () => ({
    weight: 1,
    async play(_world, _actor, person) {
      const query = 'mutation { requestEmailVerification { __typename } }';
      return (await person.ask(query)).data.requestEmailVerification;
    },
  }),
  changeEmail: row(1, () => ({ newEmail: 'other@example.org', password: PASSWORD }), '__typename'),
  verifyEmail: row(1, () => ({ token: 'not one of ours' }), '__typename'),
  requestPasswordReset: row(1, (world) => ({ usernameOrEmail: world.newName('nobody') }), 'isAccepted'),
  resetPassword: row(1, () => ({ token: 'not one of ours', newPassword: PASSWORD }), '__typename'),
  changePassword: row(
    1,
    ({ random }) => ({ currentPassword: random.chance(0.3) ? 'wrong' : PASSWORD, newPassword: PASSWORD }),
    'viewer { user { id } }',
  ),
};

export const reasons = new Map(
  Object.entries(table).flatMap(([name, entry]) =>
    typeof entry === 'string' ? [[name, entry] as const] : [],
  ),
);
export const mutations = new Map(
  Object.entries(table).flatMap(([name, entry]) =>
    typeof entry === 'string' ? [] : [[name, entry(name)] as const],
  ),
);

const bag = [...mutations].flatMap(([name, { weight }]) => Array<string>(weight).fill(name));
export const drawMutation = ({ random }: World) => random.pick(bag);
