import {
  type MemberAnswer,
  type Message,
  type MessageAnswer,
  type Person,
  type RoomAnswer,
  type State,
  timeline,
} from '../../../packages/client/src/reducer.ts';
import { messageSatellites } from '../../../src/capabilities.ts';

/** Fields that a snapshot does not compare, each with its reason. All others of these types have to be in the documents. */
export const notCompared: Record<string, string> = {
  'Viewer.inboxCursor': 'a position, not data',
  'Viewer.sharesReceipts': 'a setting, asked for where it is shown',
  'Viewer.unread': 'the sum of the numbers of its rooms; test/unread.test.ts compares it',
  'Viewer.folders': 'follow from the folders of the rooms',
  'Viewer.savedMessages': 'told by an event of the own log; test/saved.test.ts compares it',
  'Viewer.drafts': 'told by an event of the own log; test/drafts.test.ts compares them',
  'Viewer.email': 'nothing tells of it; a device asks when it shows the account',
  'Viewer.isEmailVerified': 'the same',
  'Viewer.newEmail': 'the same',
  'Viewer.canManageEmojis': 'follows from the account; nothing tells of it',
  'Viewer.totpEnabledAt': 'nothing tells of it; a device asks when it shows the account',
  'Viewer.recoveryCodesLeft': 'the same',
  'Viewer.passkeys': 'the same',
  'Viewer.blockedUsers': 'told by an event of the own log; test/privacy.test.ts compares it',
  'Viewer.directMessagesFrom': 'a setting, asked for where it is shown',
  'Viewer.addableBy': 'the same',
  'Viewer.sessions': 'nothing tells of sessions; a device asks when it shows them',
  'Viewer.identities': 'nothing tells of identities; a device asks when it shows the account',
  'Viewer.serverRole': 'the same',
  'Viewer.hasPassword': 'the same',
  'Room.cursor': 'a position, not data',
  'Room.events': 'the log itself: what is folded',
  'Room.pinnedMessages': 'those of its messages that are pinned; test/pins.test.ts compares it',
  'Room.invites': 'for some members only, so no event tells of them; test/invites.test.ts compares it',
  'Room.permissionOverrides': 'lists ask for it; test/permissions.test.ts compares it with the permissions',
  'Room.settings': '`RoomSettingsChanged` has them; test/room-settings.test.ts compares both',
  'Room.joinPolicy': 'in its settings',
  'Room.joinRequests': 'for some members only; test/join-requests.test.ts compares events and reads',
  'Viewer.joinRequests': 'the same, for the user who asks',
  'Room.viewerCanSendAt': 'of the viewer alone, and over by itself; a device asks when it shows it',
  'Room.bans': 'for some members only, so no event tells of them; test/moderation.test.ts reads it',
  'Room.auditLog': 'for some members only; test/moderation.test.ts reads it',
  'RoomMembership.permissions': 'follow from its role and the overrides of the room',
  'RoomMembership.timeoutUntil':
    'in @parley/client/moderation; test/moderation.test.ts compares events and reads',
  'User.isGuest': 'follows from the username',
  'User.viewerHasBlocked': 'in `Viewer.blockedUsers`',
  'Room.title': 'follows from its name and its members',
  'Room.lastMessage': 'the last of its messages',
  'Room.viewerFolder': 'shown by the event of the preferences; test/room-list.test.ts compares it',
  'Room.viewerDraft': 'in `Viewer.drafts`',
  'Message.receipts': 'as of now: marks of others are told beside the log',
  'Viewer.threads': 'threads are asked for where they are shown; test/threads.test.ts compares them',
  'Room.threads': 'the same',
  'Message.thread': 'the same',
  'Message.threadSeq': 'the same',
  'Message.room': 'the room that it is found in',
  'Message.viewerCanEdit': 'follows from its author, its deletion and what the room says of the viewer',
  'Message.viewerCanDelete': 'the same, and from the roles of both',
  'Message.mentions': 'follow from its text and from who was a member',
  'Message.mentionsEveryone': 'the same',
  'Message.viewerIsMentioned': 'the same',
  'Message.pinnedBy': 'the actor of the event that pinned it',
  'Message.location': 'in @parley/client/locations; test/locations.test.ts compares events and reads',
  'Message.revisions': 'events have the texts; test/revisions.test.ts reads them',
  'Message.pinnedAt': 'the time of that event',
  'Message.content': 'follows from its text and from its mentions',
  'Message.viewerHasSaved': 'in `Viewer.savedMessages`',
  'Message.plainText': 'says nothing that `text` does not say',
};

/** How much of each timeline is compared: what a snapshot has, where the fold has more. */
export type Depths = ReadonlyMap<string, number>;

export const depthsOf = (rooms: readonly RoomAnswer[]): Depths =>
  new Map(rooms.map((room) => [room.id, room.messages?.nodes.length ?? 0]));

/** What the fold would answer, were it the server. */
export function answered({ rooms, people, viewerId }: State, depths: Depths): RoomAnswer[] {
  const person = (id: string) => {
    const { asOf: _asOf, ...known } = people[id] ?? { asOf: '', ...stranger(id) };
    return known;
  };
  return Object.values(rooms).map((room) => {
    const {
      members,
      messages,
      firstSeq: _firstSeq,
      appliedSeq: _appliedSeq,
      isPartial: _isPartial,
      ...facts
    } = room;
    const memberships = Object.values(members).map(({ userId, ...member }) => ({
      ...member,
      user: person(userId),
    }));
    const quote = (id: string) => {
      const found = messages[id];
      if (!found) throw new Error(`message ${id} is quoted and not known`);
      const { authorId, replyToId: _replyToId, ...message } = found;
      return { expiresAt: null, ...withoutAttached(message), author: person(authorId) };
    };
    const depth = depths.get(room.id) ?? 0;
    const said = depth ? timeline(room).slice(-depth) : [];
    return {
      ...facts,
      viewerMembership: memberships.find(({ user }) => user.id === viewerId) ?? null,
      members: { nodes: memberships },
      messages: {
        nodes: said.map((message) => ({
          ...quote(message.id),
          ...attachedTo(message),
          replyTo: message.replyToId ? quote(message.replyToId) : null,
        })),
      },
    };
  });
}

/** What is attached to a message, and what a new one has. A quoted message shows nothing of it. */
type Attached = Omit<MessageAnswer, 'replyTo' | keyof NonNullable<MessageAnswer['replyTo']>>;
const attached = new Map<string, unknown>([
  ...messageSatellites.flatMap(({ fields, attached: { none } }) =>
    fields.filter((field) => !(`Message.${field}` in notCompared)).map((field) => [field, none] as const),
  ),
  ['quote', null],
]);

const withoutAttached = <Fields extends object>(message: Fields): Fields =>
  Object.fromEntries(Object.entries(message).filter(([name]) => !attached.has(name))) as Fields;

function attachedTo(message: Message): Attached {
  const held = new Map(Object.entries(message));
  return Object.fromEntries(
    [...attached].map(([field, none]) => [field, held.get(field) ?? none]),
  ) as unknown as Attached;
}

const stranger = (id: string): Person => ({ id, username: '', displayName: '', isDeleted: false });

/**
 * Without what is not promised, and in one order: marks of members are coalesced, and the name of somebody who
 * shares no room with the viewer is told by no room (packages/client/src/reducer.ts).
 */
export function comparable(rooms: readonly RoomAnswer[]) {
  const sharing = new Set(rooms.flatMap(({ members }) => members?.nodes.map(({ user }) => user.id) ?? []));
  const person = (user: Person) => (sharing.has(user.id) ? user : { ...user, displayName: 'not promised' });
  const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
  const unmarked = (member: MemberAnswer) => ({ ...member, readSeq: null, deliveredSeq: null });
  return rooms.toSorted(byId).map(({ viewerMembership, members, messages, ...room }) => ({
    ...room,
    viewerMembership: viewerMembership && unmarked(viewerMembership),
    members: members?.nodes.map(unmarked).toSorted(byId),
    messages: messages?.nodes.map((message) => ({
      ...message,
      author: person(message.author),
      replyTo: message.replyTo && { ...message.replyTo, author: person(message.replyTo.author) },
    })),
  }));
}
