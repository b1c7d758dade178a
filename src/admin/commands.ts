import { createReadStream } from 'node:fs';
import { text } from 'node:stream/consumers';
import {
  createInvitation,
  createUser,
  importUsers,
  resetLink,
  resetPassword,
  restoreUser,
  revokeSessions,
  setServerRole,
  suspendUser,
  verificationLink,
} from '../accounts/administration.ts';
import { loadSecrets } from '../accounts/secrets.ts';
import { setEmoji } from '../emojis/emojis.ts';
import { deleteUserByName } from '../erasure/accounts.ts';
import {
  listConsumers,
  listDeadLetters,
  retryDeadLetters,
  skipDeadLetter,
} from '../eventlog/consumers/admin.ts';
import { type LivingNode, listLivingNodes } from '../eventlog/ephemeral/living-nodes.ts';
import { rotateEpoch } from '../eventlog/incarnation.ts';
import { removeSecondFactors } from '../factors/administration.ts';
import { upsertAll } from '../identities/upsert.ts';
import { createRedisBus } from '../platform/bus.ts';
import { oneLine } from '../platform/characters.ts';
import { statement } from '../platform/db.ts';
import { listDeadJobs, retryDeadJobs } from '../platform/job-queue.ts';
import { migrate } from '../platform/migrate.ts';
import { createLog } from '../platform/telemetry.ts';
import { type Command, type Given, numberIn, say, UsageError } from './command.ts';
import type { Desk } from './desk.ts';
import { choosePassword } from './passwords.ts';
import { peopleIn, usersIn } from './people-file.ts';

const value = { type: 'string' } as const;
const sessionsEnded = (count: number) => `${count} ${count === 1 ? 'session' : 'sessions'} ended`;

const epoch = statement('SELECT epoch FROM incarnation');
const epochNumber = statement('SELECT current_epoch() AS epoch');

export const commands: Record<string, Command> = {
  'create-user': {
    usage: '--username NAME --email ADDRESS [--password PASSWORD] [--admin]',
    says: 'Creates an account. Without --password it asks for one or, without a terminal, generates and prints one.',
    options: { username: value, email: value, password: value, admin: { type: 'boolean' } },
    async run(desk, given) {
      const [username, email] = [given.required('username'), given.required('email')];
      const { password, tell } = await choosePassword(given);
      const id = await createUser(desk, { username, email, password, isAdmin: given.has('admin') });
      say(`created ${username}, id ${id}`);
      tell();
    },
  },
  'reset-password': {
    usage: '--username NAME [--password PASSWORD]',
    says: 'Sets a new password and ends all sessions of the account. Passwords as in create-user. NAME can be an e-mail address.',
    options: { username: value, password: value },
    async run(desk, given) {
      const username = given.required('username');
      const { password, tell } = await choosePassword(given);
      say(sessionsEnded(await resetPassword(desk, username, password)));
      tell();
    },
  },
  'password-reset-link': {
    usage: '--username NAME',
    says: 'Prints a link with which the user chooses a new password, once and within an hour. It starts with PUBLIC_URL.',
    options: { username: value },
    run: async (desk, given) => say(await resetLink(desk, given.required('username'))),
  },
  'email-verification-link': {
    usage: '--username NAME',
    says: 'Prints a link that verifies the e-mail address of a user, once and within 24 hours. It starts with PUBLIC_URL.',
    options: { username: value },
    run: async (desk, given) => say(await verificationLink(desk, given.required('username'))),
  },
  'remove-second-factors': {
    usage: '--username NAME',
    says: 'Removes the authenticator app, the recovery codes and the passkeys of a user: the password is enough again.',
    options: { username: value },
    async run(desk, given) {
      const isDone = await removeSecondFactors(desk, given.required('username'));
      say(isDone ? 'removed' : 'the account had none');
    },
  },
  'revoke-sessions': {
    usage: '--username NAME',
    says: 'Ends all sessions of a user.',
    options: { username: value },
    run: async (desk, given) => say(sessionsEnded(await revokeSessions(desk, given.required('username')))),
  },
  'suspend-user': {
    usage: '--username NAME',
    says: 'Ends all sessions of a user and blocks signing in.',
    options: { username: value },
    run: async (desk, given) =>
      say(`suspended; ${sessionsEnded(await suspendUser(desk, given.required('username')))}`),
  },
  'restore-user': {
    usage: '--username NAME',
    says: 'Ends a suspension.',
    options: { username: value },
    async run(desk, given) {
      await restoreUser(desk, given.required('username'));
      say('restored');
    },
  },
  'delete-user': {
    usage: '--username NAME [--erase-messages]',
    says: 'Deletes the account of a user. It cannot be undone. With --erase-messages, a node deletes the messages of the user, too.',
    options: { username: value, 'erase-messages': { type: 'boolean' } },
    async run(desk, given) {
      await deleteUserByName(desk, given.required('username'), given.has('erase-messages'));
      say('deleted; a node erases the rest');
    },
  },
  'create-invite': {
    usage: '[--days DAYS]',
    says: 'Prints a token for one registration (the inviteToken of register). It is valid for 7 days by default.',
    options: { days: value },
    run: async (desk, given) => say(await createInvitation(desk, daysIn(given))),
  },
  'import-users': {
    usage: 'FILE|-',
    says:
      'Creates many accounts without passwords and signs them in, all or none. Reads one JSON object per line: ' +
      '{"username", "displayName"}. Prints one per line: {"username", "userId", "accessToken", "refreshToken"}.',
    operands: 1,
    async run(desk, { operands: [file = '-'] }) {
      const people = peopleIn(await text(file === '-' ? process.stdin : createReadStream(file)));
      const imported = await importUsers(desk, people);
      process.stdout.write(imported.map((one) => `${JSON.stringify(one)}\n`).join(''));
    },
  },
  'upsert-users': {
    usage: 'FILE|- [--issuer NAME] [--link-usernames]',
    says:
      'Creates and updates users by the ids of another system. Reads one JSON object per line, as in the mutation upsertUsers: ' +
      '{"externalId", "username", "displayName", "email", "isEmailVerified", "isSuspended"}. NAME is an issuer of ISSUERS. Prints ' +
      'one result per line; fails if one was refused.',
    options: { issuer: value, 'link-usernames': { type: 'boolean' } },
    operands: 1,
    async run(desk, given) {
      const [file = '-'] = given.operands;
      const users = usersIn(await text(file === '-' ? process.stdin : createReadStream(file)));
      const options = { issuer: given.option('issuer'), linksUsernames: given.has('link-usernames') };
      const results = await upsertAll(desk, users, options);
      process.stdout.write(results.map((one) => `${JSON.stringify(one)}\n`).join(''));
      const refused = results.filter(({ outcome }) => outcome === 'REFUSED').length;
      if (refused > 0) throw new Error(`${refused} of ${results.length} users were refused`);
    },
  },
  'set-server-role': {
    usage: '--username NAME --role ADMIN|USER',
    says: 'Makes a user an administrator of the server, or ends that. The last administrator stays.',
    options: { username: value, role: value },
    async run(desk, given) {
      const role = given.required('role');
      if (role !== 'ADMIN' && role !== 'USER') throw new UsageError('--role must be ADMIN or USER');
      await setServerRole(desk, given.required('username'), role);
      say(`the role is ${role}`);
    },
  },
  'create-emoji': {
    usage: '--name NAME',
    says: 'Creates an emoji of this server. :NAME: stands for it in reactions and texts.',
    options: { name: value },
    async run(desk, given) {
      const isNew = await setEmoji(desk, given.required('name'), true);
      say(isNew ? 'created' : 'it exists already');
    },
  },
  'delete-emoji': {
    usage: '--name NAME',
    says: 'Deletes an emoji of this server. Reactions with it stay.',
    options: { name: value },
    async run(desk, given) {
      const wasThere = await setEmoji(desk, given.required('name'), false);
      say(wasThere ? 'deleted' : 'there is none of that name');
    },
  },
  'rotate-epoch': {
    usage: '',
    says: 'Run it after a restore. It makes old positions in streams foreign, so that every client takes a new snapshot.',
    async run({ url, db }) {
      await rotateEpoch(url);
      const [row] = await db.write.rows<{ epoch: string }>(epoch, []);
      say(`the epoch is now ${row?.epoch}`);
    },
  },
  nodes: {
    usage: '',
    says: 'Lists the live nodes in the order of their start: id, version, start and own address. It takes three seconds.',
    async run(desk) {
      if (desk.settings.REDIS_URL === undefined)
        return say(
          'REDIS_URL is not set: nodes find each other over Redis, and without it there is at most one node',
        );
      const nodes = await listNodes(desk, desk.settings.REDIS_URL);
      for (const { id, version, startedAt, address } of nodes)
        say(`${id} version ${version}, since ${startedAt.toISOString()}, ${address ?? 'starting'}`);
      if (nodes.length === 0)
        say('no node answers: none is running, or they use another Redis server, JWT_SECRET or database');
    },
  },
  consumers: {
    usage: '',
    says: 'Lists the log consumers with the age of their positions, and the rooms that wait because an event failed.',
    async run({ db, settings }) {
      for (const { name, lagSeconds, waiting, dead } of await listConsumers(
        db.read,
        settings.CONSUMER_MAX_ATTEMPTS,
      ))
        say(`${name}: ${lagSeconds.toFixed(1)} s behind, ${waiting} rooms waiting, ${dead} dead letters`);
      for (const { consumer, roomId, roomSeq, attempts, error } of await listDeadLetters(db.read))
        say(`  ${consumer} room ${roomId} event ${roomSeq}: ${attempts} attempts, ${oneLine(error ?? '')}`);
    },
  },
  'retry-dead-letters': {
    usage: '--consumer NAME [--room ROOM]',
    says: 'Retries failed events at once, with new attempts. ROOM is a number that the command consumers shows.',
    options: { consumer: value, room: value },
    async run({ db }, given) {
      const room = given.option('room') === undefined ? null : numberIn(given, 'room');
      say(`${await retryDeadLetters(db.write, given.required('consumer'), room)} rooms will be retried`);
    },
  },
  'skip-dead-letter': {
    usage: '--consumer NAME --room ROOM --event EVENT',
    says: 'Continues a room without the failed event, for one consumer. The table consumer_skips lists the event.',
    options: { consumer: value, room: value, event: value },
    async run({ db }, given) {
      const letter = {
        consumer: given.required('consumer'),
        roomId: numberIn(given, 'room'),
        roomSeq: numberIn(given, 'event'),
      };
      if (!(await skipDeadLetter(db.write, letter)))
        throw new Error('there is no such failed event; see the command consumers');
      say('skipped');
    },
  },
  jobs: {
    usage: '',
    says: 'Lists the jobs that failed too often, at most 1,000.',
    async run({ db }) {
      for (const { id, task, attempts, error } of await listDeadJobs(db.read))
        say(`${id} ${task}: ${attempts} attempts, ${oneLine(error ?? '')}`);
    },
  },
  'retry-jobs': {
    usage: '[--job ID]',
    says: 'Runs one job, or all jobs, that failed too often again.',
    options: { job: value },
    async run({ db }, given) {
      const id = given.option('job') === undefined ? null : numberIn(given, 'job');
      say(`${await retryDeadJobs(db.write, id)} jobs will run again`);
    },
  },
  migrate: {
    usage: '',
    says: 'Applies the pending migrations of this version.',
    run: async ({ url }) => say(summary(await migrate(url, { log: say }))),
  },
};

async function listNodes({ db, settings }: Desk, url: string): Promise<LivingNode[]> {
  const [row] = await db.read.rows<{ epoch: number }>(epochNumber, []);
  const bus = createRedisBus({ url, secrets: loadSecrets(settings), log: createLog('silent', 'admin') });
  try {
    return await listLivingNodes(bus, row?.epoch ?? 0);
  } finally {
    await bus.close();
  }
}

const summary = (applied: string[]) => (applied.length ? `${applied.length} applied` : 'nothing to do');

function daysIn(given: Given): number {
  const days = Number(given.option('days') ?? 7);
  if (!Number.isInteger(days) || days < 1 || days > 365)
    throw new UsageError('--days must be a whole number from 1 to 365');
  return days;
}
