/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
/** Why the viewer cannot send messages in a room. */
export type CannotSendReason =
  /** The room is archived. */
  | 'ARCHIVED'
  /** Only members can send messages. The viewer is not a member. */
  | 'NOT_A_MEMBER'
  /** The role of the viewer, or an override, does not allow it. */
  | 'NOT_PERMITTED'
  /** The viewer may not send messages for a limited time: see `RoomMembership.timeoutUntil`. */
  | 'TIMED_OUT';

/** Input of createRoom. */
export type CreateRoomInput = {
  /** The topic of the room, at most 1,000 characters. */
  description?: string | null | undefined;
  /** A key chosen by the client, 1 to 128 characters. A second call with the same key returns the first room. */
  idempotencyKey: string;
  /** PUBLIC or PRIVATE. Use openDirectRoom for direct rooms. */
  kind: RoomKind;
  /** The name of the room, 3 to 100 characters. */
  name: string;
};

/** The kind of refusal, for programs. Values are stable. */
export type ErrorCode =
  /** The current state does not allow the change. */
  | 'CONFLICT'
  /** This idempotency key was already used with other content. */
  | 'IDEMPOTENCY_CONFLICT'
  /** The credentials are not valid. */
  | 'INVALID_CREDENTIALS'
  /** The object does not exist, or you may not see it. */
  | 'NOT_FOUND'
  /** You do not have permission to do this. */
  | 'PERMISSION_DENIED'
  /** Too many requests. Wait, then try again. */
  | 'RATE_LIMITED'
  /** The password is right, but the account has a second factor. Complete the sign-in with a code. */
  | 'SECOND_FACTOR_REQUIRED'
  /** The server cannot do this right now. Repeating the same call is safe. */
  | 'UNAVAILABLE'
  /** The input is not valid. */
  | 'VALIDATION';

/** Input of joinRoom. */
export type JoinRoomInput = {
  /** The id of the room. */
  roomId: string;
};

/** A place that a message shares. */
export type LocationInput = {
  /** How far from it the place can be, in metres. */
  accuracyMeters?: number | null | undefined;
  /** The name of the place, at most 100 characters. */
  label?: string | null | undefined;
  /** In degrees, -90 to 90. Rounded to 6 decimals. */
  latitude: number;
  /** Shares a live location for so many seconds, 60 to 28,800 (8 hours): `moveLiveLocation` moves it, `stopLiveLocation` ends it. At most 3 of one author in one room. */
  liveForSeconds?: number | null | undefined;
  /** In degrees, -180 to 180. Rounded to 6 decimals. */
  longitude: number;
};

/** The role of a member in a room. Members can only manage members whose role is below their own. */
export type MemberRole =
  /** Can do everything a moderator can, update and archive the room, and see its audit log. */
  | 'ADMIN'
  /** Can read and send messages. The lowest role, and the only one that guests can have until their account is permanent. */
  | 'GUEST'
  /** Can read and send messages. */
  | 'MEMBER'
  /** Can add and remove members, change roles below their own, pin messages, and delete messages of members with a lower role, time them out and ban them. */
  | 'MODERATOR'
  /** Can do everything, including deleting the room and making other members owners. */
  | 'OWNER';

/** A place in a timeline. Give exactly one field. */
export type MessageAnchor =
  {   /** The first message at or after this time. */
  date: string; firstUnread?: never; messageId?: never; seq?: never; }
  |  { date?: never;   /** True: the first message that the viewer has not read. */
  firstUnread: boolean; messageId?: never; seq?: never; }
  |  { date?: never; firstUnread?: never;   /** The id of a message of this room. */
  messageId: string; seq?: never; }
  |  { date?: never; firstUnread?: never; messageId?: never;   /** The number of a message. */
  seq: number; };

/** A typed value that is attached to a message under a key. */
export type MetadataEntryInput = {
  /** The key, unique in the message: a small letter, then at most 63 letters of a to z, digits, underscores, dots and hyphens. */
  key: string;
  /** The value. */
  value: MetadataValueInput;
};

/** A value in the metadata of a message. Give exactly one field. */
export type MetadataValueInput =
  {   /** A truth value: true or false. */
  isTrue: boolean; number?: never; text?: never; }
  |  { isTrue?: never;   /** A finite number. */
  number: number; text?: never; }
  |  { isTrue?: never; number?: never;   /** A text of at most 500 characters; it may be empty. */
  text: string; };

/** When the results of a poll are shown. */
export type PollResultsVisibility =
  /** From the first vote on. */
  | 'ALWAYS'
  /** When the poll is closed. Until then nobody sees them; users see their own votes. */
  | 'WHEN_CLOSED';

/** Input of register. */
export type RegisterInput = {
  /** What the user calls this device, at most 100 characters. It is shown in the list of sessions. */
  deviceName?: string | null | undefined;
  /** The name that others see, 1 to 100 characters. Default: the username. */
  displayName?: string | null | undefined;
  /** An e-mail address, at most 255 characters. A server that sends mail sends a link to verify it; without mail it must be one that no other account uses. */
  email: string;
  /** An invitation, if the server requires one, or the token for the first administrator. */
  inviteToken?: string | null | undefined;
  /** 8 to 256 characters, at least one of them not a space. Common passwords are refused, and so are the names of the account. */
  password: string;
  /** A unique name of 3 to 50 characters: A-Z, a-z, 0-9, _ and -. Upper and lower case are the same. */
  username: string;
};

/** Why a stream cannot continue from a cursor. */
export type ResyncReason =
  /** The viewer lost access to the room and got it back after the cursor. */
  | 'ACCESS_CHANGED'
  /** The log no longer contains the events after the cursor. */
  | 'CURSOR_EXPIRED'
  /** The cursor belongs to other data: the data before a restored backup, another server, or another user. */
  | 'CURSOR_FOREIGN';

/** Who can find and join a room. */
export type RoomKind =
  /** A conversation of a fixed set of 1 to 10 users. There is one room for each set. */
  | 'DIRECT'
  /** Members add other users. Nobody else can see the room. */
  | 'PRIVATE'
  /** Listed in the directory. Every signed-in user can join. */
  | 'PUBLIC';

/** An action in a room. Each role allows some, and overrides of the room change that. */
export type RoomPermission =
  /** Add users, with a role below the viewer's. */
  | 'ADD_MEMBERS'
  /** React to messages. SEND_MESSAGES allows it, too. */
  | 'ADD_REACTIONS'
  /** Archive the room. */
  | 'ARCHIVE_ROOM'
  /** Ban users from the room, and see who is banned. */
  | 'BAN_MEMBERS'
  /** Send messages without the waits of slow mode. */
  | 'BYPASS_SLOW_MODE'
  /** Delete messages of members with a lower role. */
  | 'DELETE_MESSAGES'
  /** Delete the room. */
  | 'DELETE_ROOM'
  /** Change the roles of members with a lower role, and remove them. */
  | 'MANAGE_MEMBERS'
  /** Mention all members with @room or @here. */
  | 'MENTION_EVERYONE'
  /** Pin and unpin messages. */
  | 'PIN_MESSAGES'
  /** Reply in threads, but not to the room as well. SEND_MESSAGES allows it, too. */
  | 'REPLY_IN_THREADS'
  /** Send messages. */
  | 'SEND_MESSAGES'
  /** Set until when members with a lower role may not send messages. */
  | 'TIMEOUT_MEMBERS'
  /** Change the name, the description, the lifetime of messages and the settings of the room. */
  | 'UPDATE_ROOM'
  /** See what those who manage the room did. */
  | 'VIEW_AUDIT_LOG';

/** Input of sendMessage. */
export type SendMessageInput = {
  /** True: the reply is also in the main timeline, as one message with both numbers. Only with threadRootId. */
  alsoSendToRoom?: boolean | null | undefined;
  /** Seconds after which the message disappears, 5 to 31,622,400 (366 days). The lifetime of the messages of the room holds if it is shorter. */
  expiresInSeconds?: number | null | undefined;
  /** A key chosen by the client, 1 to 128 characters, unique per author and room. The server keeps it for ever. Use UUIDv7: time-ordered keys are fastest. */
  idempotencyKey: string;
  /** A place that the message shares. Its text is for clients and notifications that show no places. */
  location?: LocationInput | null | undefined;
  /** At most 16 typed values for clients, such as the number of a ticket. The server gives them no meaning, and all who see the text see them. */
  metadata?: Array<MetadataEntryInput> | null | undefined;
  /** The id of a message of the same room that the new message quotes. */
  replyToId?: string | null | undefined;
  /** The id of the room. */
  roomId: string;
  /** 1 to 5,000 Unicode characters, without U+0000. Stored as sent, without line breaks at the end. @username mentions a member, @room and @here all members, @owners, @admins and @moderators those with the role; code mentions nobody. */
  text: string;
  /** Sends a reply in the thread of this message of the same room; the first reply begins the thread. A reply to a reply goes to the same thread. The reply is not in the main timeline, and does not count as unread in the room. */
  threadRootId?: string | null | undefined;
};

/** Why a stream ended. */
export type StreamClosedReason =
  /** The viewer is not a member of the room any more. */
  | 'ACCESS_LOST'
  /** The access token expired. Subscribe again with a new one. */
  | 'AUTH_EXPIRED'
  /** Reserved. A defect of the server. */
  | 'INTERNAL'
  /** The cursor is not from this server, or from another stream. */
  | 'INVALID_CURSOR'
  /** Too many streams on this connection. */
  | 'LIMIT_REACHED'
  /** There is no such room, or the viewer is not in it. */
  | 'NOT_FOUND'
  /** The stream cannot be opened right now. */
  | 'OVERLOADED'
  /** This server is stopping. Connect again; another node answers. */
  | 'SERVER_DRAINING'
  /** The session ended. Sign in again. */
  | 'SESSION_ENDED'
  /** Reserved. The client did not read for too long. */
  | 'SLOW_CONSUMER';

export type FoldPersonFragment = { id: string, username: string, displayName: string, isDeleted: boolean };

export type FoldMemberFragment = { id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } };

export type FoldQuoteFragment = { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } };

export type FoldReactionsFragment = { emoji: string, count: number, viewerHasReacted: boolean | null };

export type FoldPollFragment = { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> };

export type FoldMessageFragment = { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } };

export type FoldFactsFragment = { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null };

export type FoldRoomFragment = { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null, viewerMembership: { id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, members: { nodes: Array<{ id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }> } | null, messages: { nodes: Array<{ isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }> } | null };

export type InboxSnapshotQueryVariables = Exact<{
  after?: string | null | undefined;
  rooms?: number | null | undefined;
  members?: number | null | undefined;
  messages?: number | null | undefined;
}>;


export type InboxSnapshotQuery = { viewer: { inboxCursor: string, user: { id: string, username: string, displayName: string, isDeleted: boolean }, rooms: { nodes: Array<{ id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null, viewerMembership: { id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, members: { nodes: Array<{ id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }> } | null, messages: { nodes: Array<{ isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }> } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type RoomSnapshotQueryVariables = Exact<{
  id: string;
  members?: number | null | undefined;
  messages?: number | null | undefined;
}>;


export type RoomSnapshotQuery = { room: { cursor: string | null, id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null, viewerMembership: { id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, members: { nodes: Array<{ id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }> } | null, messages: { nodes: Array<{ isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }> } | null } | null };

type FoldRoomEvent_EventUnavailable_Fragment = { cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_JoinRequestsChanged_Fragment = { cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_LiveLocationEnded_Fragment = { cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_MemberJoined_Fragment = { cursor: string, roomSeq: number, occurredAt: string, membership: { id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_MemberLeft_Fragment = { cursor: string, roomSeq: number, occurredAt: string, user: { id: string, username: string, displayName: string, isDeleted: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_MemberTimedOut_Fragment = { cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_MemberUpdated_Fragment = { cursor: string, roomSeq: number, occurredAt: string, membership: { id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_MessageCreated_Fragment = { cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_MessageDeleted_Fragment = { cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_MessageEdited_Fragment = { cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_MessagePinned_Fragment = { cursor: string, roomSeq: number, occurredAt: string, message: { id: string, isPinned: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_MessageUnpinned_Fragment = { cursor: string, roomSeq: number, occurredAt: string, message: { id: string, isPinned: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_PermissionsChanged_Fragment = { cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_PollUpdated_Fragment = { cursor: string, roomSeq: number, occurredAt: string, message: { id: string }, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_ReactionsChanged_Fragment = { cursor: string, roomSeq: number, occurredAt: string, message: { id: string }, reactionGroup: { emoji: string, count: number, viewerHasReacted: boolean | null }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_RoomArchived_Fragment = { cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_RoomCreated_Fragment = { cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_RoomDeleted_Fragment = { cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_RoomSettingsChanged_Fragment = { cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_RoomUpdated_Fragment = { cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldRoomEvent_ThreadUpdated_Fragment = { cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

export type FoldRoomEventFragment =
  | FoldRoomEvent_EventUnavailable_Fragment
  | FoldRoomEvent_JoinRequestsChanged_Fragment
  | FoldRoomEvent_LiveLocationEnded_Fragment
  | FoldRoomEvent_MemberJoined_Fragment
  | FoldRoomEvent_MemberLeft_Fragment
  | FoldRoomEvent_MemberTimedOut_Fragment
  | FoldRoomEvent_MemberUpdated_Fragment
  | FoldRoomEvent_MessageCreated_Fragment
  | FoldRoomEvent_MessageDeleted_Fragment
  | FoldRoomEvent_MessageEdited_Fragment
  | FoldRoomEvent_MessagePinned_Fragment
  | FoldRoomEvent_MessageUnpinned_Fragment
  | FoldRoomEvent_PermissionsChanged_Fragment
  | FoldRoomEvent_PollUpdated_Fragment
  | FoldRoomEvent_ReactionsChanged_Fragment
  | FoldRoomEvent_RoomArchived_Fragment
  | FoldRoomEvent_RoomCreated_Fragment
  | FoldRoomEvent_RoomDeleted_Fragment
  | FoldRoomEvent_RoomSettingsChanged_Fragment
  | FoldRoomEvent_RoomUpdated_Fragment
  | FoldRoomEvent_ThreadUpdated_Fragment
;

type FoldInboxItem_AccountEventUnavailable_Fragment = { __typename: 'AccountEventUnavailable', cursor: string, accountSeq: number };

type FoldInboxItem_AuthExpiring_Fragment = { __typename: 'AuthExpiring', expiresAt: string };

type FoldInboxItem_BlockChanged_Fragment = { __typename: 'BlockChanged', cursor: string, accountSeq: number };

type FoldInboxItem_DraftChanged_Fragment = { __typename: 'DraftChanged', cursor: string, accountSeq: number, roomId: string };

type FoldInboxItem_EventUnavailable_Fragment = { __typename: 'EventUnavailable', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_Heartbeat_Fragment = { __typename: 'Heartbeat', cursor: string };

type FoldInboxItem_JoinRequestChanged_Fragment = { __typename: 'JoinRequestChanged', cursor: string, accountSeq: number };

type FoldInboxItem_JoinRequestsChanged_Fragment = { __typename: 'JoinRequestsChanged', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_LiveLocationEnded_Fragment = { __typename: 'LiveLocationEnded', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_MemberJoined_Fragment = { __typename: 'MemberJoined', cursor: string, roomSeq: number, occurredAt: string, membership: { id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_MemberLeft_Fragment = { __typename: 'MemberLeft', cursor: string, roomSeq: number, occurredAt: string, user: { id: string, username: string, displayName: string, isDeleted: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_MemberTimedOut_Fragment = { __typename: 'MemberTimedOut', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_MemberUpdated_Fragment = { __typename: 'MemberUpdated', cursor: string, roomSeq: number, occurredAt: string, membership: { id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_MessageCreated_Fragment = { __typename: 'MessageCreated', cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_MessageDeleted_Fragment = { __typename: 'MessageDeleted', cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_MessageEdited_Fragment = { __typename: 'MessageEdited', cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_MessagePinned_Fragment = { __typename: 'MessagePinned', cursor: string, roomSeq: number, occurredAt: string, message: { id: string, isPinned: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_MessageUnpinned_Fragment = { __typename: 'MessageUnpinned', cursor: string, roomSeq: number, occurredAt: string, message: { id: string, isPinned: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_PermissionsChanged_Fragment = { __typename: 'PermissionsChanged', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_PollUpdated_Fragment = { __typename: 'PollUpdated', cursor: string, roomSeq: number, occurredAt: string, message: { id: string }, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_ReactionsChanged_Fragment = { __typename: 'ReactionsChanged', cursor: string, roomSeq: number, occurredAt: string, message: { id: string }, reactionGroup: { emoji: string, count: number, viewerHasReacted: boolean | null }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_ReadStateChanged_Fragment = { __typename: 'ReadStateChanged', cursor: string, accountSeq: number, room: { id: string, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_ResyncRequired_Fragment = { __typename: 'ResyncRequired', resyncReason: ResyncReason };

type FoldInboxItem_RoomAccessGranted_Fragment = { __typename: 'RoomAccessGranted', cursor: string, accountSeq: number, roomSeq: number, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_RoomAccessLost_Fragment = { __typename: 'RoomAccessLost', cursor: string, accountSeq: number, roomId: string };

type FoldInboxItem_RoomArchived_Fragment = { __typename: 'RoomArchived', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_RoomCreated_Fragment = { __typename: 'RoomCreated', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_RoomDeleted_Fragment = { __typename: 'RoomDeleted', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_RoomPreferencesChanged_Fragment = { __typename: 'RoomPreferencesChanged', cursor: string, accountSeq: number, room: { id: string, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_RoomSettingsChanged_Fragment = { __typename: 'RoomSettingsChanged', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_RoomUpdated_Fragment = { __typename: 'RoomUpdated', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

type FoldInboxItem_SavedMessageChanged_Fragment = { __typename: 'SavedMessageChanged', cursor: string, accountSeq: number, messageId: string };

type FoldInboxItem_StreamClosed_Fragment = { __typename: 'StreamClosed', closeReason: StreamClosedReason, retryable: boolean, retryAfterMs: number | null };

type FoldInboxItem_StreamReady_Fragment = { __typename: 'StreamReady', cursor: string };

type FoldInboxItem_ThreadStateChanged_Fragment = { __typename: 'ThreadStateChanged', cursor: string, accountSeq: number };

type FoldInboxItem_ThreadUpdated_Fragment = { __typename: 'ThreadUpdated', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } };

export type FoldInboxItemFragment =
  | FoldInboxItem_AccountEventUnavailable_Fragment
  | FoldInboxItem_AuthExpiring_Fragment
  | FoldInboxItem_BlockChanged_Fragment
  | FoldInboxItem_DraftChanged_Fragment
  | FoldInboxItem_EventUnavailable_Fragment
  | FoldInboxItem_Heartbeat_Fragment
  | FoldInboxItem_JoinRequestChanged_Fragment
  | FoldInboxItem_JoinRequestsChanged_Fragment
  | FoldInboxItem_LiveLocationEnded_Fragment
  | FoldInboxItem_MemberJoined_Fragment
  | FoldInboxItem_MemberLeft_Fragment
  | FoldInboxItem_MemberTimedOut_Fragment
  | FoldInboxItem_MemberUpdated_Fragment
  | FoldInboxItem_MessageCreated_Fragment
  | FoldInboxItem_MessageDeleted_Fragment
  | FoldInboxItem_MessageEdited_Fragment
  | FoldInboxItem_MessagePinned_Fragment
  | FoldInboxItem_MessageUnpinned_Fragment
  | FoldInboxItem_PermissionsChanged_Fragment
  | FoldInboxItem_PollUpdated_Fragment
  | FoldInboxItem_ReactionsChanged_Fragment
  | FoldInboxItem_ReadStateChanged_Fragment
  | FoldInboxItem_ResyncRequired_Fragment
  | FoldInboxItem_RoomAccessGranted_Fragment
  | FoldInboxItem_RoomAccessLost_Fragment
  | FoldInboxItem_RoomArchived_Fragment
  | FoldInboxItem_RoomCreated_Fragment
  | FoldInboxItem_RoomDeleted_Fragment
  | FoldInboxItem_RoomPreferencesChanged_Fragment
  | FoldInboxItem_RoomSettingsChanged_Fragment
  | FoldInboxItem_RoomUpdated_Fragment
  | FoldInboxItem_SavedMessageChanged_Fragment
  | FoldInboxItem_StreamClosed_Fragment
  | FoldInboxItem_StreamReady_Fragment
  | FoldInboxItem_ThreadStateChanged_Fragment
  | FoldInboxItem_ThreadUpdated_Fragment
;

export type FollowInboxSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type FollowInboxSubscription = { inbox:
    | { __typename: 'AccountEventUnavailable', cursor: string, accountSeq: number }
    | { __typename: 'AuthExpiring', expiresAt: string }
    | { __typename: 'BlockChanged', cursor: string, accountSeq: number }
    | { __typename: 'DraftChanged', cursor: string, accountSeq: number, roomId: string }
    | { __typename: 'EventUnavailable', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'Heartbeat', cursor: string }
    | { __typename: 'JoinRequestChanged', cursor: string, accountSeq: number }
    | { __typename: 'JoinRequestsChanged', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'LiveLocationEnded', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MemberJoined', cursor: string, roomSeq: number, occurredAt: string, membership: { id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MemberLeft', cursor: string, roomSeq: number, occurredAt: string, user: { id: string, username: string, displayName: string, isDeleted: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MemberTimedOut', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MemberUpdated', cursor: string, roomSeq: number, occurredAt: string, membership: { id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MessageCreated', cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MessageDeleted', cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MessageEdited', cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MessagePinned', cursor: string, roomSeq: number, occurredAt: string, message: { id: string, isPinned: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MessageUnpinned', cursor: string, roomSeq: number, occurredAt: string, message: { id: string, isPinned: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'PermissionsChanged', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'PollUpdated', cursor: string, roomSeq: number, occurredAt: string, message: { id: string }, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'ReactionsChanged', cursor: string, roomSeq: number, occurredAt: string, message: { id: string }, reactionGroup: { emoji: string, count: number, viewerHasReacted: boolean | null }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'ReadStateChanged', cursor: string, accountSeq: number, room: { id: string, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'ResyncRequired', resyncReason: ResyncReason }
    | { __typename: 'RoomAccessGranted', cursor: string, accountSeq: number, roomSeq: number, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'RoomAccessLost', cursor: string, accountSeq: number, roomId: string }
    | { __typename: 'RoomArchived', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'RoomCreated', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'RoomDeleted', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'RoomPreferencesChanged', cursor: string, accountSeq: number, room: { id: string, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'RoomSettingsChanged', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'RoomUpdated', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'SavedMessageChanged', cursor: string, accountSeq: number, messageId: string }
    | { __typename: 'StreamClosed', closeReason: StreamClosedReason, retryable: boolean, retryAfterMs: number | null }
    | { __typename: 'StreamReady', cursor: string }
    | { __typename: 'ThreadStateChanged', cursor: string, accountSeq: number }
    | { __typename: 'ThreadUpdated', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
   };

export type InboxPageQueryVariables = Exact<{
  after?: string | null | undefined;
  first?: number | null | undefined;
}>;


export type InboxPageQuery = { inboxEvents: { nodes: Array<
      | { __typename: 'AccountEventUnavailable', cursor: string, accountSeq: number }
      | { __typename: 'AuthExpiring', expiresAt: string }
      | { __typename: 'BlockChanged', cursor: string, accountSeq: number }
      | { __typename: 'DraftChanged', cursor: string, accountSeq: number, roomId: string }
      | { __typename: 'EventUnavailable', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'Heartbeat', cursor: string }
      | { __typename: 'JoinRequestChanged', cursor: string, accountSeq: number }
      | { __typename: 'JoinRequestsChanged', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'LiveLocationEnded', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'MemberJoined', cursor: string, roomSeq: number, occurredAt: string, membership: { id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'MemberLeft', cursor: string, roomSeq: number, occurredAt: string, user: { id: string, username: string, displayName: string, isDeleted: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'MemberTimedOut', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'MemberUpdated', cursor: string, roomSeq: number, occurredAt: string, membership: { id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'MessageCreated', cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'MessageDeleted', cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'MessageEdited', cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'MessagePinned', cursor: string, roomSeq: number, occurredAt: string, message: { id: string, isPinned: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'MessageUnpinned', cursor: string, roomSeq: number, occurredAt: string, message: { id: string, isPinned: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'PermissionsChanged', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'PollUpdated', cursor: string, roomSeq: number, occurredAt: string, message: { id: string }, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'ReactionsChanged', cursor: string, roomSeq: number, occurredAt: string, message: { id: string }, reactionGroup: { emoji: string, count: number, viewerHasReacted: boolean | null }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'ReadStateChanged', cursor: string, accountSeq: number, room: { id: string, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'ResyncRequired', resyncReason: ResyncReason }
      | { __typename: 'RoomAccessGranted', cursor: string, accountSeq: number, roomSeq: number, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'RoomAccessLost', cursor: string, accountSeq: number, roomId: string }
      | { __typename: 'RoomArchived', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'RoomCreated', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'RoomDeleted', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'RoomPreferencesChanged', cursor: string, accountSeq: number, room: { id: string, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'RoomSettingsChanged', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'RoomUpdated', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
      | { __typename: 'SavedMessageChanged', cursor: string, accountSeq: number, messageId: string }
      | { __typename: 'StreamClosed', closeReason: StreamClosedReason, retryable: boolean, retryAfterMs: number | null }
      | { __typename: 'StreamReady', cursor: string }
      | { __typename: 'ThreadStateChanged', cursor: string, accountSeq: number }
      | { __typename: 'ThreadUpdated', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    >, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type FollowRoomSubscriptionVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type FollowRoomSubscription = { room:
    | { __typename: 'AuthExpiring', expiresAt: string }
    | { __typename: 'EventUnavailable', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'Heartbeat', cursor: string }
    | { __typename: 'JoinRequestsChanged', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'LiveLocationEnded', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'LiveLocationsChanged' }
    | { __typename: 'MemberJoined', cursor: string, roomSeq: number, occurredAt: string, membership: { id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MemberLeft', cursor: string, roomSeq: number, occurredAt: string, user: { id: string, username: string, displayName: string, isDeleted: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MemberTimedOut', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MemberUpdated', cursor: string, roomSeq: number, occurredAt: string, membership: { id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MessageCreated', cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MessageDeleted', cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MessageEdited', cursor: string, roomSeq: number, occurredAt: string, message: { isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MessagePinned', cursor: string, roomSeq: number, occurredAt: string, message: { id: string, isPinned: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'MessageUnpinned', cursor: string, roomSeq: number, occurredAt: string, message: { id: string, isPinned: boolean }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'PermissionsChanged', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'PollUpdated', cursor: string, roomSeq: number, occurredAt: string, message: { id: string }, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'ReactionsChanged', cursor: string, roomSeq: number, occurredAt: string, message: { id: string }, reactionGroup: { emoji: string, count: number, viewerHasReacted: boolean | null }, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'ReceiptsChanged' }
    | { __typename: 'ResyncRequired', resyncReason: ResyncReason }
    | { __typename: 'RoomArchived', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'RoomCreated', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'RoomDeleted', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'RoomSettingsChanged', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'RoomUpdated', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'StreamClosed', closeReason: StreamClosedReason, retryable: boolean, retryAfterMs: number | null }
    | { __typename: 'StreamReady', cursor: string }
    | { __typename: 'ThreadUpdated', cursor: string, roomSeq: number, occurredAt: string, room: { id: string, kind: RoomKind, name: string | null, description: string | null, isArchived: boolean, messageLifetimeSeconds: number | null, memberCount: number, lastRoomSeq: number | null, lastMessageSeq: number | null, viewerPermissions: Array<RoomPermission>, viewerCanSend: boolean, viewerCannotSendReasons: Array<CannotSendReason>, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, viewerIsPinned: boolean | null, viewerIsHidden: boolean | null, viewerMutedUntil: string | null, viewerFolder: string | null, viewerSharesReceipts: boolean | null } }
    | { __typename: 'TypingChanged' }
   };

export type MessagePartsFragment = { id: string, seq: number | null, text: string | null, version: number, sentAt: string, editedAt: string | null, deletedAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string }, replyTo: { id: string, text: string | null } | null };

export type MembershipPartsFragment = { id: string, role: MemberRole, joinedAt: string, user: { id: string, displayName: string } };

export type RegisterMutationVariables = Exact<{
  input: RegisterInput;
}>;


export type RegisterMutation = { register:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RegisterSuccess', tokens: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string }, viewer: { user: { id: string, username: string } } }
    | { __typename: 'UnavailableError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type CreateRoomMutationVariables = Exact<{
  input: CreateRoomInput;
}>;


export type CreateRoomMutation = { createRoom:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'CreateRoomSuccess', roomSeq: number, replayed: boolean, room: { id: string, name: string | null, kind: RoomKind, cursor: string | null } }
    | { __typename: 'IdempotencyConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type JoinRoomMutationVariables = Exact<{
  input: JoinRoomInput;
}>;


export type JoinRoomMutation = { joinRoom:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'JoinRoomSuccess', roomSeq: number, membership: { id: string, role: MemberRole, joinedAt: string, user: { id: string, displayName: string } } }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type SendMessageMutationVariables = Exact<{
  input: SendMessageInput;
}>;


export type SendMessageMutation = { sendMessage:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'IdempotencyConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'SendMessageSuccess', replayed: boolean, roomSeq: number, message: { id: string, seq: number | null, text: string | null, version: number, sentAt: string, editedAt: string | null, deletedAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string }, replyTo: { id: string, text: string | null } | null } }
    | { __typename: 'UnavailableError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type RoomHistoryQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  last?: number | null | undefined;
  before?: string | null | undefined;
  around?: MessageAnchor | null | undefined;
}>;


export type RoomHistoryQuery = { room: { id: string, name: string | null, lastMessageSeq: number | null, cursor: string | null, messages: { nodes: Array<{ id: string, seq: number | null, text: string | null, version: number, sentAt: string, editedAt: string | null, deletedAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string }, replyTo: { id: string, text: string | null } | null }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null } | null };

export type BootstrapQueryVariables = Exact<{ [key: string]: never; }>;


export type BootstrapQuery = { viewer: { inboxCursor: string, user: { id: string, username: string }, rooms: { nodes: Array<{ id: string, name: string | null, lastRoomSeq: number | null, lastMessageSeq: number | null }> } } | null };

type StreamParts_AuthExpiring_Fragment = { __typename: 'AuthExpiring', expiresAt: string };

type StreamParts_EventUnavailable_Fragment = { __typename: 'EventUnavailable', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_Heartbeat_Fragment = { __typename: 'Heartbeat', cursor: string, serverTime: string };

type StreamParts_JoinRequestsChanged_Fragment = { __typename: 'JoinRequestsChanged', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_LiveLocationEnded_Fragment = { __typename: 'LiveLocationEnded', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_LiveLocationsChanged_Fragment = { __typename: 'LiveLocationsChanged' };

type StreamParts_MemberJoined_Fragment = { __typename: 'MemberJoined', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null, membership: { id: string, role: MemberRole, joinedAt: string, user: { id: string, displayName: string } } };

type StreamParts_MemberLeft_Fragment = { __typename: 'MemberLeft', cursor: string, roomSeq: number, occurredAt: string, membershipId: string, removed: boolean, actor: { id: string } | null };

type StreamParts_MemberTimedOut_Fragment = { __typename: 'MemberTimedOut', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_MemberUpdated_Fragment = { __typename: 'MemberUpdated', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null, membership: { id: string, role: MemberRole, joinedAt: string, user: { id: string, displayName: string } } };

type StreamParts_MessageCreated_Fragment = { __typename: 'MessageCreated', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null, message: { id: string, seq: number | null, text: string | null, version: number, sentAt: string, editedAt: string | null, deletedAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string }, replyTo: { id: string, text: string | null } | null } };

type StreamParts_MessageDeleted_Fragment = { __typename: 'MessageDeleted', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null, message: { id: string, seq: number | null, text: string | null, version: number, sentAt: string, editedAt: string | null, deletedAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string }, replyTo: { id: string, text: string | null } | null } };

type StreamParts_MessageEdited_Fragment = { __typename: 'MessageEdited', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null, message: { id: string, seq: number | null, text: string | null, version: number, sentAt: string, editedAt: string | null, deletedAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string }, replyTo: { id: string, text: string | null } | null } };

type StreamParts_MessagePinned_Fragment = { __typename: 'MessagePinned', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_MessageUnpinned_Fragment = { __typename: 'MessageUnpinned', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_PermissionsChanged_Fragment = { __typename: 'PermissionsChanged', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_PollUpdated_Fragment = { __typename: 'PollUpdated', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_ReactionsChanged_Fragment = { __typename: 'ReactionsChanged', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_ReceiptsChanged_Fragment = { __typename: 'ReceiptsChanged' };

type StreamParts_ResyncRequired_Fragment = { __typename: 'ResyncRequired', resyncReason: ResyncReason };

type StreamParts_RoomArchived_Fragment = { __typename: 'RoomArchived', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_RoomCreated_Fragment = { __typename: 'RoomCreated', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_RoomDeleted_Fragment = { __typename: 'RoomDeleted', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_RoomSettingsChanged_Fragment = { __typename: 'RoomSettingsChanged', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_RoomUpdated_Fragment = { __typename: 'RoomUpdated', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_StreamClosed_Fragment = { __typename: 'StreamClosed', closeReason: StreamClosedReason, retryable: boolean, retryAfterMs: number | null };

type StreamParts_StreamReady_Fragment = { __typename: 'StreamReady', cursor: string, replayedCount: number };

type StreamParts_ThreadUpdated_Fragment = { __typename: 'ThreadUpdated', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null };

type StreamParts_TypingChanged_Fragment = { __typename: 'TypingChanged' };

export type StreamPartsFragment =
  | StreamParts_AuthExpiring_Fragment
  | StreamParts_EventUnavailable_Fragment
  | StreamParts_Heartbeat_Fragment
  | StreamParts_JoinRequestsChanged_Fragment
  | StreamParts_LiveLocationEnded_Fragment
  | StreamParts_LiveLocationsChanged_Fragment
  | StreamParts_MemberJoined_Fragment
  | StreamParts_MemberLeft_Fragment
  | StreamParts_MemberTimedOut_Fragment
  | StreamParts_MemberUpdated_Fragment
  | StreamParts_MessageCreated_Fragment
  | StreamParts_MessageDeleted_Fragment
  | StreamParts_MessageEdited_Fragment
  | StreamParts_MessagePinned_Fragment
  | StreamParts_MessageUnpinned_Fragment
  | StreamParts_PermissionsChanged_Fragment
  | StreamParts_PollUpdated_Fragment
  | StreamParts_ReactionsChanged_Fragment
  | StreamParts_ReceiptsChanged_Fragment
  | StreamParts_ResyncRequired_Fragment
  | StreamParts_RoomArchived_Fragment
  | StreamParts_RoomCreated_Fragment
  | StreamParts_RoomDeleted_Fragment
  | StreamParts_RoomSettingsChanged_Fragment
  | StreamParts_RoomUpdated_Fragment
  | StreamParts_StreamClosed_Fragment
  | StreamParts_StreamReady_Fragment
  | StreamParts_ThreadUpdated_Fragment
  | StreamParts_TypingChanged_Fragment
;

export type WatchRoomSubscriptionVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type WatchRoomSubscription = { room:
    | { __typename: 'AuthExpiring', expiresAt: string }
    | { __typename: 'EventUnavailable', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'Heartbeat', cursor: string, serverTime: string }
    | { __typename: 'JoinRequestsChanged', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'LiveLocationEnded', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'LiveLocationsChanged' }
    | { __typename: 'MemberJoined', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null, membership: { id: string, role: MemberRole, joinedAt: string, user: { id: string, displayName: string } } }
    | { __typename: 'MemberLeft', cursor: string, roomSeq: number, occurredAt: string, membershipId: string, removed: boolean, actor: { id: string } | null }
    | { __typename: 'MemberTimedOut', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'MemberUpdated', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null, membership: { id: string, role: MemberRole, joinedAt: string, user: { id: string, displayName: string } } }
    | { __typename: 'MessageCreated', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null, message: { id: string, seq: number | null, text: string | null, version: number, sentAt: string, editedAt: string | null, deletedAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string }, replyTo: { id: string, text: string | null } | null } }
    | { __typename: 'MessageDeleted', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null, message: { id: string, seq: number | null, text: string | null, version: number, sentAt: string, editedAt: string | null, deletedAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string }, replyTo: { id: string, text: string | null } | null } }
    | { __typename: 'MessageEdited', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null, message: { id: string, seq: number | null, text: string | null, version: number, sentAt: string, editedAt: string | null, deletedAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string }, replyTo: { id: string, text: string | null } | null } }
    | { __typename: 'MessagePinned', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'MessageUnpinned', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'PermissionsChanged', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'PollUpdated', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'ReactionsChanged', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'ReceiptsChanged' }
    | { __typename: 'ResyncRequired', resyncReason: ResyncReason }
    | { __typename: 'RoomArchived', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'RoomCreated', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'RoomDeleted', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'RoomSettingsChanged', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'RoomUpdated', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'StreamClosed', closeReason: StreamClosedReason, retryable: boolean, retryAfterMs: number | null }
    | { __typename: 'StreamReady', cursor: string, replayedCount: number }
    | { __typename: 'ThreadUpdated', cursor: string, roomSeq: number, occurredAt: string, actor: { id: string } | null }
    | { __typename: 'TypingChanged' }
   };

export type WatchInboxSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type WatchInboxSubscription = { inbox:
    | { __typename: 'AccountEventUnavailable', cursor: string, accountSeq: number }
    | { __typename: 'AuthExpiring' }
    | { __typename: 'BlockChanged', cursor: string, accountSeq: number }
    | { __typename: 'DraftChanged', cursor: string, accountSeq: number }
    | { __typename: 'EventUnavailable', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'Heartbeat', cursor: string }
    | { __typename: 'JoinRequestChanged', cursor: string, accountSeq: number }
    | { __typename: 'JoinRequestsChanged', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'LiveLocationEnded', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'MemberJoined', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'MemberLeft', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'MemberTimedOut', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'MemberUpdated', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'MessageCreated', cursor: string, roomSeq: number, room: { id: string }, message: { id: string, seq: number | null, text: string | null, version: number, sentAt: string, editedAt: string | null, deletedAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string }, replyTo: { id: string, text: string | null } | null } }
    | { __typename: 'MessageDeleted', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'MessageEdited', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'MessagePinned', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'MessageUnpinned', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'PermissionsChanged', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'PollUpdated', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'ReactionsChanged', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'ReadStateChanged', cursor: string, accountSeq: number }
    | { __typename: 'ResyncRequired', resyncReason: ResyncReason }
    | { __typename: 'RoomAccessGranted', cursor: string, accountSeq: number, grantedAt: number, room: { id: string, name: string | null } }
    | { __typename: 'RoomAccessLost', cursor: string, accountSeq: number, roomId: string, lostAt: number }
    | { __typename: 'RoomArchived', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'RoomCreated', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'RoomDeleted', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'RoomPreferencesChanged', cursor: string, accountSeq: number }
    | { __typename: 'RoomSettingsChanged', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'RoomUpdated', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'SavedMessageChanged', cursor: string, accountSeq: number }
    | { __typename: 'StreamClosed', closeReason: StreamClosedReason, retryable: boolean }
    | { __typename: 'StreamReady', cursor: string, replayedCount: number }
    | { __typename: 'ThreadStateChanged', cursor: string, accountSeq: number }
    | { __typename: 'ThreadUpdated', cursor: string, roomSeq: number, room: { id: string } }
   };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const FoldFactsFragmentDoc = new TypedDocumentString(`
    fragment FoldFacts on Room {
  id
  kind
  name
  description
  isArchived
  messageLifetimeSeconds
  memberCount
  lastRoomSeq
  lastMessageSeq
  viewerPermissions
  viewerCanSend
  viewerCannotSendReasons
  viewerReadSeq
  viewerUnreadCount
  viewerUnreadMentionCount
  viewerIsPinned
  viewerIsHidden
  viewerMutedUntil
  viewerFolder
  viewerSharesReceipts
}
    `, {"fragmentName":"FoldFacts"}) as unknown as TypedDocumentString<FoldFactsFragment, unknown>;
export const FoldPersonFragmentDoc = new TypedDocumentString(`
    fragment FoldPerson on User {
  id
  username
  displayName
  isDeleted
}
    `, {"fragmentName":"FoldPerson"}) as unknown as TypedDocumentString<FoldPersonFragment, unknown>;
export const FoldMemberFragmentDoc = new TypedDocumentString(`
    fragment FoldMember on RoomMembership {
  id
  role
  joinedAt
  readSeq
  deliveredSeq
  user {
    ...FoldPerson
  }
}
    fragment FoldPerson on User {
  id
  username
  displayName
  isDeleted
}`, {"fragmentName":"FoldMember"}) as unknown as TypedDocumentString<FoldMemberFragment, unknown>;
export const FoldQuoteFragmentDoc = new TypedDocumentString(`
    fragment FoldQuote on Message {
  id
  seq
  version
  text
  sentAt
  editedAt
  deletedAt
  expiresAt
  idempotencyKey
  author {
    ...FoldPerson
  }
}
    fragment FoldPerson on User {
  id
  username
  displayName
  isDeleted
}`, {"fragmentName":"FoldQuote"}) as unknown as TypedDocumentString<FoldQuoteFragment, unknown>;
export const FoldPollFragmentDoc = new TypedDocumentString(`
    fragment FoldPoll on Poll {
  options {
    id
    text
    count
  }
  maxChoices
  isAnonymous
  resultsVisibility
  closesAt
  closedAt
  voterCount
  viewerVotes
}
    `, {"fragmentName":"FoldPoll"}) as unknown as TypedDocumentString<FoldPollFragment, unknown>;
export const FoldReactionsFragmentDoc = new TypedDocumentString(`
    fragment FoldReactions on ReactionGroup {
  emoji
  count
  viewerHasReacted
}
    `, {"fragmentName":"FoldReactions"}) as unknown as TypedDocumentString<FoldReactionsFragment, unknown>;
export const FoldMessageFragmentDoc = new TypedDocumentString(`
    fragment FoldMessage on Message {
  ...FoldQuote
  isPinned
  metadata {
    key
    value {
      text
      number
      isTrue
    }
  }
  poll {
    ...FoldPoll
  }
  reactions {
    ...FoldReactions
  }
  replyTo {
    ...FoldQuote
  }
  quote {
    __typename
  }
  forward {
    sentAt
  }
}
    fragment FoldPerson on User {
  id
  username
  displayName
  isDeleted
}
fragment FoldQuote on Message {
  id
  seq
  version
  text
  sentAt
  editedAt
  deletedAt
  expiresAt
  idempotencyKey
  author {
    ...FoldPerson
  }
}
fragment FoldReactions on ReactionGroup {
  emoji
  count
  viewerHasReacted
}
fragment FoldPoll on Poll {
  options {
    id
    text
    count
  }
  maxChoices
  isAnonymous
  resultsVisibility
  closesAt
  closedAt
  voterCount
  viewerVotes
}`, {"fragmentName":"FoldMessage"}) as unknown as TypedDocumentString<FoldMessageFragment, unknown>;
export const FoldRoomFragmentDoc = new TypedDocumentString(`
    fragment FoldRoom on Room {
  ...FoldFacts
  viewerMembership {
    ...FoldMember
  }
  members(first: $members) {
    nodes {
      ...FoldMember
    }
  }
  messages(last: $messages) {
    nodes {
      ...FoldMessage
    }
  }
}
    fragment FoldPerson on User {
  id
  username
  displayName
  isDeleted
}
fragment FoldMember on RoomMembership {
  id
  role
  joinedAt
  readSeq
  deliveredSeq
  user {
    ...FoldPerson
  }
}
fragment FoldQuote on Message {
  id
  seq
  version
  text
  sentAt
  editedAt
  deletedAt
  expiresAt
  idempotencyKey
  author {
    ...FoldPerson
  }
}
fragment FoldReactions on ReactionGroup {
  emoji
  count
  viewerHasReacted
}
fragment FoldPoll on Poll {
  options {
    id
    text
    count
  }
  maxChoices
  isAnonymous
  resultsVisibility
  closesAt
  closedAt
  voterCount
  viewerVotes
}
fragment FoldMessage on Message {
  ...FoldQuote
  isPinned
  metadata {
    key
    value {
      text
      number
      isTrue
    }
  }
  poll {
    ...FoldPoll
  }
  reactions {
    ...FoldReactions
  }
  replyTo {
    ...FoldQuote
  }
  quote {
    __typename
  }
  forward {
    sentAt
  }
}
fragment FoldFacts on Room {
  id
  kind
  name
  description
  isArchived
  messageLifetimeSeconds
  memberCount
  lastRoomSeq
  lastMessageSeq
  viewerPermissions
  viewerCanSend
  viewerCannotSendReasons
  viewerReadSeq
  viewerUnreadCount
  viewerUnreadMentionCount
  viewerIsPinned
  viewerIsHidden
  viewerMutedUntil
  viewerFolder
  viewerSharesReceipts
}`, {"fragmentName":"FoldRoom"}) as unknown as TypedDocumentString<FoldRoomFragment, unknown>;
export const FoldRoomEventFragmentDoc = new TypedDocumentString(`
    fragment FoldRoomEvent on RoomEvent {
  cursor
  roomSeq
  occurredAt
  room {
    ...FoldFacts
  }
  ... on MessageCreated {
    message {
      ...FoldMessage
    }
  }
  ... on MessageEdited {
    message {
      ...FoldMessage
    }
  }
  ... on MessageDeleted {
    message {
      ...FoldMessage
    }
  }
  ... on ReactionsChanged {
    message {
      id
    }
    reactionGroup {
      ...FoldReactions
    }
  }
  ... on PollUpdated {
    message {
      id
    }
    poll {
      ...FoldPoll
    }
  }
  ... on MessagePinned {
    message {
      id
      isPinned
    }
  }
  ... on MessageUnpinned {
    message {
      id
      isPinned
    }
  }
  ... on MemberJoined {
    membership {
      ...FoldMember
    }
  }
  ... on MemberUpdated {
    membership {
      ...FoldMember
    }
  }
  ... on MemberLeft {
    user {
      ...FoldPerson
    }
  }
}
    fragment FoldPerson on User {
  id
  username
  displayName
  isDeleted
}
fragment FoldMember on RoomMembership {
  id
  role
  joinedAt
  readSeq
  deliveredSeq
  user {
    ...FoldPerson
  }
}
fragment FoldQuote on Message {
  id
  seq
  version
  text
  sentAt
  editedAt
  deletedAt
  expiresAt
  idempotencyKey
  author {
    ...FoldPerson
  }
}
fragment FoldReactions on ReactionGroup {
  emoji
  count
  viewerHasReacted
}
fragment FoldPoll on Poll {
  options {
    id
    text
    count
  }
  maxChoices
  isAnonymous
  resultsVisibility
  closesAt
  closedAt
  voterCount
  viewerVotes
}
fragment FoldMessage on Message {
  ...FoldQuote
  isPinned
  metadata {
    key
    value {
      text
      number
      isTrue
    }
  }
  poll {
    ...FoldPoll
  }
  reactions {
    ...FoldReactions
  }
  replyTo {
    ...FoldQuote
  }
  quote {
    __typename
  }
  forward {
    sentAt
  }
}
fragment FoldFacts on Room {
  id
  kind
  name
  description
  isArchived
  messageLifetimeSeconds
  memberCount
  lastRoomSeq
  lastMessageSeq
  viewerPermissions
  viewerCanSend
  viewerCannotSendReasons
  viewerReadSeq
  viewerUnreadCount
  viewerUnreadMentionCount
  viewerIsPinned
  viewerIsHidden
  viewerMutedUntil
  viewerFolder
  viewerSharesReceipts
}`, {"fragmentName":"FoldRoomEvent"}) as unknown as TypedDocumentString<FoldRoomEventFragment, unknown>;
export const FoldInboxItemFragmentDoc = new TypedDocumentString(`
    fragment FoldInboxItem on InboxEvent {
  __typename
  ...FoldRoomEvent
  ... on AccountEvent {
    cursor
    accountSeq
  }
  ... on RoomAccessGranted {
    roomSeq
    room {
      ...FoldFacts
    }
  }
  ... on RoomAccessLost {
    roomId
  }
  ... on ReadStateChanged {
    room {
      id
      viewerReadSeq
      viewerUnreadCount
      viewerUnreadMentionCount
      viewerIsPinned
      viewerIsHidden
      viewerMutedUntil
      viewerFolder
      viewerSharesReceipts
    }
  }
  ... on RoomPreferencesChanged {
    room {
      id
      viewerReadSeq
      viewerUnreadCount
      viewerUnreadMentionCount
      viewerIsPinned
      viewerIsHidden
      viewerMutedUntil
      viewerFolder
      viewerSharesReceipts
    }
  }
  ... on SavedMessageChanged {
    messageId
  }
  ... on DraftChanged {
    roomId
  }
  ... on StreamReady {
    cursor
  }
  ... on Heartbeat {
    cursor
  }
  ... on AuthExpiring {
    expiresAt
  }
  ... on ResyncRequired {
    resyncReason
  }
  ... on StreamClosed {
    closeReason
    retryable
    retryAfterMs
  }
}
    fragment FoldPerson on User {
  id
  username
  displayName
  isDeleted
}
fragment FoldMember on RoomMembership {
  id
  role
  joinedAt
  readSeq
  deliveredSeq
  user {
    ...FoldPerson
  }
}
fragment FoldQuote on Message {
  id
  seq
  version
  text
  sentAt
  editedAt
  deletedAt
  expiresAt
  idempotencyKey
  author {
    ...FoldPerson
  }
}
fragment FoldReactions on ReactionGroup {
  emoji
  count
  viewerHasReacted
}
fragment FoldPoll on Poll {
  options {
    id
    text
    count
  }
  maxChoices
  isAnonymous
  resultsVisibility
  closesAt
  closedAt
  voterCount
  viewerVotes
}
fragment FoldMessage on Message {
  ...FoldQuote
  isPinned
  metadata {
    key
    value {
      text
      number
      isTrue
    }
  }
  poll {
    ...FoldPoll
  }
  reactions {
    ...FoldReactions
  }
  replyTo {
    ...FoldQuote
  }
  quote {
    __typename
  }
  forward {
    sentAt
  }
}
fragment FoldFacts on Room {
  id
  kind
  name
  description
  isArchived
  messageLifetimeSeconds
  memberCount
  lastRoomSeq
  lastMessageSeq
  viewerPermissions
  viewerCanSend
  viewerCannotSendReasons
  viewerReadSeq
  viewerUnreadCount
  viewerUnreadMentionCount
  viewerIsPinned
  viewerIsHidden
  viewerMutedUntil
  viewerFolder
  viewerSharesReceipts
}
fragment FoldRoomEvent on RoomEvent {
  cursor
  roomSeq
  occurredAt
  room {
    ...FoldFacts
  }
  ... on MessageCreated {
    message {
      ...FoldMessage
    }
  }
  ... on MessageEdited {
    message {
      ...FoldMessage
    }
  }
  ... on MessageDeleted {
    message {
      ...FoldMessage
    }
  }
  ... on ReactionsChanged {
    message {
      id
    }
    reactionGroup {
      ...FoldReactions
    }
  }
  ... on PollUpdated {
    message {
      id
    }
    poll {
      ...FoldPoll
    }
  }
  ... on MessagePinned {
    message {
      id
      isPinned
    }
  }
  ... on MessageUnpinned {
    message {
      id
      isPinned
    }
  }
  ... on MemberJoined {
    membership {
      ...FoldMember
    }
  }
  ... on MemberUpdated {
    membership {
      ...FoldMember
    }
  }
  ... on MemberLeft {
    user {
      ...FoldPerson
    }
  }
}`, {"fragmentName":"FoldInboxItem"}) as unknown as TypedDocumentString<FoldInboxItemFragment, unknown>;
export const MessagePartsFragmentDoc = new TypedDocumentString(`
    fragment MessageParts on Message {
  id
  seq
  text
  version
  sentAt
  editedAt
  deletedAt
  idempotencyKey
  author {
    id
    username
    displayName
  }
  replyTo {
    id
    text
  }
}
    `, {"fragmentName":"MessageParts"}) as unknown as TypedDocumentString<MessagePartsFragment, unknown>;
export const MembershipPartsFragmentDoc = new TypedDocumentString(`
    fragment MembershipParts on RoomMembership {
  id
  role
  joinedAt
  user {
    id
    displayName
  }
}
    `, {"fragmentName":"MembershipParts"}) as unknown as TypedDocumentString<MembershipPartsFragment, unknown>;
export const StreamPartsFragmentDoc = new TypedDocumentString(`
    fragment StreamParts on RoomStreamEvent {
  __typename
  ... on RoomEvent {
    cursor
    roomSeq
    occurredAt
    actor {
      id
    }
  }
  ... on MessageCreated {
    message {
      ...MessageParts
    }
  }
  ... on MessageEdited {
    message {
      ...MessageParts
    }
  }
  ... on MessageDeleted {
    message {
      ...MessageParts
    }
  }
  ... on MemberJoined {
    membership {
      ...MembershipParts
    }
  }
  ... on MemberUpdated {
    membership {
      ...MembershipParts
    }
  }
  ... on MemberLeft {
    membershipId
    removed
  }
  ... on StreamReady {
    cursor
    replayedCount
  }
  ... on Heartbeat {
    cursor
    serverTime
  }
  ... on AuthExpiring {
    expiresAt
  }
  ... on ResyncRequired {
    resyncReason
  }
  ... on StreamClosed {
    closeReason
    retryable
    retryAfterMs
  }
}
    fragment MessageParts on Message {
  id
  seq
  text
  version
  sentAt
  editedAt
  deletedAt
  idempotencyKey
  author {
    id
    username
    displayName
  }
  replyTo {
    id
    text
  }
}
fragment MembershipParts on RoomMembership {
  id
  role
  joinedAt
  user {
    id
    displayName
  }
}`, {"fragmentName":"StreamParts"}) as unknown as TypedDocumentString<StreamPartsFragment, unknown>;
export const InboxSnapshotDocument = new TypedDocumentString(`
    query InboxSnapshot($after: String, $rooms: Int = 4, $members: Int = 20, $messages: Int = 20) {
  viewer {
    inboxCursor
    user {
      ...FoldPerson
    }
    rooms(first: $rooms, after: $after) {
      nodes {
        ...FoldRoom
      }
      pageInfo {
        hasNextPage
        endCursor
      }
    }
  }
}
    fragment FoldPerson on User {
  id
  username
  displayName
  isDeleted
}
fragment FoldMember on RoomMembership {
  id
  role
  joinedAt
  readSeq
  deliveredSeq
  user {
    ...FoldPerson
  }
}
fragment FoldQuote on Message {
  id
  seq
  version
  text
  sentAt
  editedAt
  deletedAt
  expiresAt
  idempotencyKey
  author {
    ...FoldPerson
  }
}
fragment FoldReactions on ReactionGroup {
  emoji
  count
  viewerHasReacted
}
fragment FoldPoll on Poll {
  options {
    id
    text
    count
  }
  maxChoices
  isAnonymous
  resultsVisibility
  closesAt
  closedAt
  voterCount
  viewerVotes
}
fragment FoldMessage on Message {
  ...FoldQuote
  isPinned
  metadata {
    key
    value {
      text
      number
      isTrue
    }
  }
  poll {
    ...FoldPoll
  }
  reactions {
    ...FoldReactions
  }
  replyTo {
    ...FoldQuote
  }
  quote {
    __typename
  }
  forward {
    sentAt
  }
}
fragment FoldFacts on Room {
  id
  kind
  name
  description
  isArchived
  messageLifetimeSeconds
  memberCount
  lastRoomSeq
  lastMessageSeq
  viewerPermissions
  viewerCanSend
  viewerCannotSendReasons
  viewerReadSeq
  viewerUnreadCount
  viewerUnreadMentionCount
  viewerIsPinned
  viewerIsHidden
  viewerMutedUntil
  viewerFolder
  viewerSharesReceipts
}
fragment FoldRoom on Room {
  ...FoldFacts
  viewerMembership {
    ...FoldMember
  }
  members(first: $members) {
    nodes {
      ...FoldMember
    }
  }
  messages(last: $messages) {
    nodes {
      ...FoldMessage
    }
  }
}`) as unknown as TypedDocumentString<InboxSnapshotQuery, InboxSnapshotQueryVariables>;
export const RoomSnapshotDocument = new TypedDocumentString(`
    query RoomSnapshot($id: ID!, $members: Int = 50, $messages: Int = 50) {
  room(id: $id) {
    cursor
    ...FoldRoom
  }
}
    fragment FoldPerson on User {
  id
  username
  displayName
  isDeleted
}
fragment FoldMember on RoomMembership {
  id
  role
  joinedAt
  readSeq
  deliveredSeq
  user {
    ...FoldPerson
  }
}
fragment FoldQuote on Message {
  id
  seq
  version
  text
  sentAt
  editedAt
  deletedAt
  expiresAt
  idempotencyKey
  author {
    ...FoldPerson
  }
}
fragment FoldReactions on ReactionGroup {
  emoji
  count
  viewerHasReacted
}
fragment FoldPoll on Poll {
  options {
    id
    text
    count
  }
  maxChoices
  isAnonymous
  resultsVisibility
  closesAt
  closedAt
  voterCount
  viewerVotes
}
fragment FoldMessage on Message {
  ...FoldQuote
  isPinned
  metadata {
    key
    value {
      text
      number
      isTrue
    }
  }
  poll {
    ...FoldPoll
  }
  reactions {
    ...FoldReactions
  }
  replyTo {
    ...FoldQuote
  }
  quote {
    __typename
  }
  forward {
    sentAt
  }
}
fragment FoldFacts on Room {
  id
  kind
  name
  description
  isArchived
  messageLifetimeSeconds
  memberCount
  lastRoomSeq
  lastMessageSeq
  viewerPermissions
  viewerCanSend
  viewerCannotSendReasons
  viewerReadSeq
  viewerUnreadCount
  viewerUnreadMentionCount
  viewerIsPinned
  viewerIsHidden
  viewerMutedUntil
  viewerFolder
  viewerSharesReceipts
}
fragment FoldRoom on Room {
  ...FoldFacts
  viewerMembership {
    ...FoldMember
  }
  members(first: $members) {
    nodes {
      ...FoldMember
    }
  }
  messages(last: $messages) {
    nodes {
      ...FoldMessage
    }
  }
}`) as unknown as TypedDocumentString<RoomSnapshotQuery, RoomSnapshotQueryVariables>;
export const FollowInboxDocument = new TypedDocumentString(`
    subscription FollowInbox($after: Cursor) {
  inbox(after: $after) {
    ...FoldInboxItem
  }
}
    fragment FoldPerson on User {
  id
  username
  displayName
  isDeleted
}
fragment FoldMember on RoomMembership {
  id
  role
  joinedAt
  readSeq
  deliveredSeq
  user {
    ...FoldPerson
  }
}
fragment FoldQuote on Message {
  id
  seq
  version
  text
  sentAt
  editedAt
  deletedAt
  expiresAt
  idempotencyKey
  author {
    ...FoldPerson
  }
}
fragment FoldReactions on ReactionGroup {
  emoji
  count
  viewerHasReacted
}
fragment FoldPoll on Poll {
  options {
    id
    text
    count
  }
  maxChoices
  isAnonymous
  resultsVisibility
  closesAt
  closedAt
  voterCount
  viewerVotes
}
fragment FoldMessage on Message {
  ...FoldQuote
  isPinned
  metadata {
    key
    value {
      text
      number
      isTrue
    }
  }
  poll {
    ...FoldPoll
  }
  reactions {
    ...FoldReactions
  }
  replyTo {
    ...FoldQuote
  }
  quote {
    __typename
  }
  forward {
    sentAt
  }
}
fragment FoldFacts on Room {
  id
  kind
  name
  description
  isArchived
  messageLifetimeSeconds
  memberCount
  lastRoomSeq
  lastMessageSeq
  viewerPermissions
  viewerCanSend
  viewerCannotSendReasons
  viewerReadSeq
  viewerUnreadCount
  viewerUnreadMentionCount
  viewerIsPinned
  viewerIsHidden
  viewerMutedUntil
  viewerFolder
  viewerSharesReceipts
}
fragment FoldRoomEvent on RoomEvent {
  cursor
  roomSeq
  occurredAt
  room {
    ...FoldFacts
  }
  ... on MessageCreated {
    message {
      ...FoldMessage
    }
  }
  ... on MessageEdited {
    message {
      ...FoldMessage
    }
  }
  ... on MessageDeleted {
    message {
      ...FoldMessage
    }
  }
  ... on ReactionsChanged {
    message {
      id
    }
    reactionGroup {
      ...FoldReactions
    }
  }
  ... on PollUpdated {
    message {
      id
    }
    poll {
      ...FoldPoll
    }
  }
  ... on MessagePinned {
    message {
      id
      isPinned
    }
  }
  ... on MessageUnpinned {
    message {
      id
      isPinned
    }
  }
  ... on MemberJoined {
    membership {
      ...FoldMember
    }
  }
  ... on MemberUpdated {
    membership {
      ...FoldMember
    }
  }
  ... on MemberLeft {
    user {
      ...FoldPerson
    }
  }
}
fragment FoldInboxItem on InboxEvent {
  __typename
  ...FoldRoomEvent
  ... on AccountEvent {
    cursor
    accountSeq
  }
  ... on RoomAccessGranted {
    roomSeq
    room {
      ...FoldFacts
    }
  }
  ... on RoomAccessLost {
    roomId
  }
  ... on ReadStateChanged {
    room {
      id
      viewerReadSeq
      viewerUnreadCount
      viewerUnreadMentionCount
      viewerIsPinned
      viewerIsHidden
      viewerMutedUntil
      viewerFolder
      viewerSharesReceipts
    }
  }
  ... on RoomPreferencesChanged {
    room {
      id
      viewerReadSeq
      viewerUnreadCount
      viewerUnreadMentionCount
      viewerIsPinned
      viewerIsHidden
      viewerMutedUntil
      viewerFolder
      viewerSharesReceipts
    }
  }
  ... on SavedMessageChanged {
    messageId
  }
  ... on DraftChanged {
    roomId
  }
  ... on StreamReady {
    cursor
  }
  ... on Heartbeat {
    cursor
  }
  ... on AuthExpiring {
    expiresAt
  }
  ... on ResyncRequired {
    resyncReason
  }
  ... on StreamClosed {
    closeReason
    retryable
    retryAfterMs
  }
}`) as unknown as TypedDocumentString<FollowInboxSubscription, FollowInboxSubscriptionVariables>;
export const InboxPageDocument = new TypedDocumentString(`
    query InboxPage($after: String, $first: Int = 50) {
  inboxEvents(after: $after, first: $first) {
    nodes {
      ...FoldInboxItem
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment FoldPerson on User {
  id
  username
  displayName
  isDeleted
}
fragment FoldMember on RoomMembership {
  id
  role
  joinedAt
  readSeq
  deliveredSeq
  user {
    ...FoldPerson
  }
}
fragment FoldQuote on Message {
  id
  seq
  version
  text
  sentAt
  editedAt
  deletedAt
  expiresAt
  idempotencyKey
  author {
    ...FoldPerson
  }
}
fragment FoldReactions on ReactionGroup {
  emoji
  count
  viewerHasReacted
}
fragment FoldPoll on Poll {
  options {
    id
    text
    count
  }
  maxChoices
  isAnonymous
  resultsVisibility
  closesAt
  closedAt
  voterCount
  viewerVotes
}
fragment FoldMessage on Message {
  ...FoldQuote
  isPinned
  metadata {
    key
    value {
      text
      number
      isTrue
    }
  }
  poll {
    ...FoldPoll
  }
  reactions {
    ...FoldReactions
  }
  replyTo {
    ...FoldQuote
  }
  quote {
    __typename
  }
  forward {
    sentAt
  }
}
fragment FoldFacts on Room {
  id
  kind
  name
  description
  isArchived
  messageLifetimeSeconds
  memberCount
  lastRoomSeq
  lastMessageSeq
  viewerPermissions
  viewerCanSend
  viewerCannotSendReasons
  viewerReadSeq
  viewerUnreadCount
  viewerUnreadMentionCount
  viewerIsPinned
  viewerIsHidden
  viewerMutedUntil
  viewerFolder
  viewerSharesReceipts
}
fragment FoldRoomEvent on RoomEvent {
  cursor
  roomSeq
  occurredAt
  room {
    ...FoldFacts
  }
  ... on MessageCreated {
    message {
      ...FoldMessage
    }
  }
  ... on MessageEdited {
    message {
      ...FoldMessage
    }
  }
  ... on MessageDeleted {
    message {
      ...FoldMessage
    }
  }
  ... on ReactionsChanged {
    message {
      id
    }
    reactionGroup {
      ...FoldReactions
    }
  }
  ... on PollUpdated {
    message {
      id
    }
    poll {
      ...FoldPoll
    }
  }
  ... on MessagePinned {
    message {
      id
      isPinned
    }
  }
  ... on MessageUnpinned {
    message {
      id
      isPinned
    }
  }
  ... on MemberJoined {
    membership {
      ...FoldMember
    }
  }
  ... on MemberUpdated {
    membership {
      ...FoldMember
    }
  }
  ... on MemberLeft {
    user {
      ...FoldPerson
    }
  }
}
fragment FoldInboxItem on InboxEvent {
  __typename
  ...FoldRoomEvent
  ... on AccountEvent {
    cursor
    accountSeq
  }
  ... on RoomAccessGranted {
    roomSeq
    room {
      ...FoldFacts
    }
  }
  ... on RoomAccessLost {
    roomId
  }
  ... on ReadStateChanged {
    room {
      id
      viewerReadSeq
      viewerUnreadCount
      viewerUnreadMentionCount
      viewerIsPinned
      viewerIsHidden
      viewerMutedUntil
      viewerFolder
      viewerSharesReceipts
    }
  }
  ... on RoomPreferencesChanged {
    room {
      id
      viewerReadSeq
      viewerUnreadCount
      viewerUnreadMentionCount
      viewerIsPinned
      viewerIsHidden
      viewerMutedUntil
      viewerFolder
      viewerSharesReceipts
    }
  }
  ... on SavedMessageChanged {
    messageId
  }
  ... on DraftChanged {
    roomId
  }
  ... on StreamReady {
    cursor
  }
  ... on Heartbeat {
    cursor
  }
  ... on AuthExpiring {
    expiresAt
  }
  ... on ResyncRequired {
    resyncReason
  }
  ... on StreamClosed {
    closeReason
    retryable
    retryAfterMs
  }
}`) as unknown as TypedDocumentString<InboxPageQuery, InboxPageQueryVariables>;
export const FollowRoomDocument = new TypedDocumentString(`
    subscription FollowRoom($id: ID!, $after: Cursor) {
  room(id: $id, after: $after) {
    __typename
    ...FoldRoomEvent
    ... on StreamReady {
      cursor
    }
    ... on Heartbeat {
      cursor
    }
    ... on AuthExpiring {
      expiresAt
    }
    ... on ResyncRequired {
      resyncReason
    }
    ... on StreamClosed {
      closeReason
      retryable
      retryAfterMs
    }
  }
}
    fragment FoldPerson on User {
  id
  username
  displayName
  isDeleted
}
fragment FoldMember on RoomMembership {
  id
  role
  joinedAt
  readSeq
  deliveredSeq
  user {
    ...FoldPerson
  }
}
fragment FoldQuote on Message {
  id
  seq
  version
  text
  sentAt
  editedAt
  deletedAt
  expiresAt
  idempotencyKey
  author {
    ...FoldPerson
  }
}
fragment FoldReactions on ReactionGroup {
  emoji
  count
  viewerHasReacted
}
fragment FoldPoll on Poll {
  options {
    id
    text
    count
  }
  maxChoices
  isAnonymous
  resultsVisibility
  closesAt
  closedAt
  voterCount
  viewerVotes
}
fragment FoldMessage on Message {
  ...FoldQuote
  isPinned
  metadata {
    key
    value {
      text
      number
      isTrue
    }
  }
  poll {
    ...FoldPoll
  }
  reactions {
    ...FoldReactions
  }
  replyTo {
    ...FoldQuote
  }
  quote {
    __typename
  }
  forward {
    sentAt
  }
}
fragment FoldFacts on Room {
  id
  kind
  name
  description
  isArchived
  messageLifetimeSeconds
  memberCount
  lastRoomSeq
  lastMessageSeq
  viewerPermissions
  viewerCanSend
  viewerCannotSendReasons
  viewerReadSeq
  viewerUnreadCount
  viewerUnreadMentionCount
  viewerIsPinned
  viewerIsHidden
  viewerMutedUntil
  viewerFolder
  viewerSharesReceipts
}
fragment FoldRoomEvent on RoomEvent {
  cursor
  roomSeq
  occurredAt
  room {
    ...FoldFacts
  }
  ... on MessageCreated {
    message {
      ...FoldMessage
    }
  }
  ... on MessageEdited {
    message {
      ...FoldMessage
    }
  }
  ... on MessageDeleted {
    message {
      ...FoldMessage
    }
  }
  ... on ReactionsChanged {
    message {
      id
    }
    reactionGroup {
      ...FoldReactions
    }
  }
  ... on PollUpdated {
    message {
      id
    }
    poll {
      ...FoldPoll
    }
  }
  ... on MessagePinned {
    message {
      id
      isPinned
    }
  }
  ... on MessageUnpinned {
    message {
      id
      isPinned
    }
  }
  ... on MemberJoined {
    membership {
      ...FoldMember
    }
  }
  ... on MemberUpdated {
    membership {
      ...FoldMember
    }
  }
  ... on MemberLeft {
    user {
      ...FoldPerson
    }
  }
}`) as unknown as TypedDocumentString<FollowRoomSubscription, FollowRoomSubscriptionVariables>;
export const RegisterDocument = new TypedDocumentString(`
    mutation Register($input: RegisterInput!) {
  register(input: $input) {
    __typename
    ... on RegisterSuccess {
      tokens {
        accessToken
        accessTokenExpiresAt
        refreshToken
      }
      viewer {
        user {
          id
          username
        }
      }
    }
    ... on UserError {
      code
      detail
      path
    }
  }
}
    `) as unknown as TypedDocumentString<RegisterMutation, RegisterMutationVariables>;
export const CreateRoomDocument = new TypedDocumentString(`
    mutation CreateRoom($input: CreateRoomInput!) {
  createRoom(input: $input) {
    __typename
    ... on CreateRoomSuccess {
      room {
        id
        name
        kind
        cursor
      }
      roomSeq
      replayed
    }
    ... on UserError {
      code
      detail
      path
    }
  }
}
    `) as unknown as TypedDocumentString<CreateRoomMutation, CreateRoomMutationVariables>;
export const JoinRoomDocument = new TypedDocumentString(`
    mutation JoinRoom($input: JoinRoomInput!) {
  joinRoom(input: $input) {
    __typename
    ... on JoinRoomSuccess {
      membership {
        ...MembershipParts
      }
      roomSeq
    }
    ... on UserError {
      code
      detail
      path
    }
  }
}
    fragment MembershipParts on RoomMembership {
  id
  role
  joinedAt
  user {
    id
    displayName
  }
}`) as unknown as TypedDocumentString<JoinRoomMutation, JoinRoomMutationVariables>;
export const SendMessageDocument = new TypedDocumentString(`
    mutation SendMessage($input: SendMessageInput!) {
  sendMessage(input: $input) {
    __typename
    ... on SendMessageSuccess {
      message {
        ...MessageParts
      }
      replayed
      roomSeq
    }
    ... on UserError {
      code
      detail
      path
    }
  }
}
    fragment MessageParts on Message {
  id
  seq
  text
  version
  sentAt
  editedAt
  deletedAt
  idempotencyKey
  author {
    id
    username
    displayName
  }
  replyTo {
    id
    text
  }
}`) as unknown as TypedDocumentString<SendMessageMutation, SendMessageMutationVariables>;
export const RoomHistoryDocument = new TypedDocumentString(`
    query RoomHistory($id: ID!, $first: Int, $after: String, $last: Int, $before: String, $around: MessageAnchor) {
  room(id: $id) {
    id
    name
    lastMessageSeq
    cursor
    messages(
      first: $first
      after: $after
      last: $last
      before: $before
      around: $around
    ) {
      nodes {
        ...MessageParts
      }
      pageInfo {
        hasNextPage
        hasPreviousPage
        startCursor
        endCursor
      }
    }
  }
}
    fragment MessageParts on Message {
  id
  seq
  text
  version
  sentAt
  editedAt
  deletedAt
  idempotencyKey
  author {
    id
    username
    displayName
  }
  replyTo {
    id
    text
  }
}`) as unknown as TypedDocumentString<RoomHistoryQuery, RoomHistoryQueryVariables>;
export const BootstrapDocument = new TypedDocumentString(`
    query Bootstrap {
  viewer {
    inboxCursor
    user {
      id
      username
    }
    rooms(first: 50) {
      nodes {
        id
        name
        lastRoomSeq
        lastMessageSeq
      }
    }
  }
}
    `) as unknown as TypedDocumentString<BootstrapQuery, BootstrapQueryVariables>;
export const WatchRoomDocument = new TypedDocumentString(`
    subscription WatchRoom($id: ID!, $after: Cursor) {
  room(id: $id, after: $after) {
    ...StreamParts
  }
}
    fragment MessageParts on Message {
  id
  seq
  text
  version
  sentAt
  editedAt
  deletedAt
  idempotencyKey
  author {
    id
    username
    displayName
  }
  replyTo {
    id
    text
  }
}
fragment MembershipParts on RoomMembership {
  id
  role
  joinedAt
  user {
    id
    displayName
  }
}
fragment StreamParts on RoomStreamEvent {
  __typename
  ... on RoomEvent {
    cursor
    roomSeq
    occurredAt
    actor {
      id
    }
  }
  ... on MessageCreated {
    message {
      ...MessageParts
    }
  }
  ... on MessageEdited {
    message {
      ...MessageParts
    }
  }
  ... on MessageDeleted {
    message {
      ...MessageParts
    }
  }
  ... on MemberJoined {
    membership {
      ...MembershipParts
    }
  }
  ... on MemberUpdated {
    membership {
      ...MembershipParts
    }
  }
  ... on MemberLeft {
    membershipId
    removed
  }
  ... on StreamReady {
    cursor
    replayedCount
  }
  ... on Heartbeat {
    cursor
    serverTime
  }
  ... on AuthExpiring {
    expiresAt
  }
  ... on ResyncRequired {
    resyncReason
  }
  ... on StreamClosed {
    closeReason
    retryable
    retryAfterMs
  }
}`) as unknown as TypedDocumentString<WatchRoomSubscription, WatchRoomSubscriptionVariables>;
export const WatchInboxDocument = new TypedDocumentString(`
    subscription WatchInbox($after: Cursor) {
  inbox(after: $after) {
    __typename
    ... on RoomEvent {
      cursor
      roomSeq
      room {
        id
      }
    }
    ... on MessageCreated {
      message {
        ...MessageParts
      }
    }
    ... on AccountEvent {
      cursor
      accountSeq
    }
    ... on RoomAccessGranted {
      room {
        id
        name
      }
      grantedAt: roomSeq
    }
    ... on RoomAccessLost {
      roomId
      lostAt: roomSeq
    }
    ... on StreamReady {
      cursor
      replayedCount
    }
    ... on Heartbeat {
      cursor
    }
    ... on ResyncRequired {
      resyncReason
    }
    ... on StreamClosed {
      closeReason
      retryable
    }
  }
}
    fragment MessageParts on Message {
  id
  seq
  text
  version
  sentAt
  editedAt
  deletedAt
  idempotencyKey
  author {
    id
    username
    displayName
  }
  replyTo {
    id
    text
  }
}`) as unknown as TypedDocumentString<WatchInboxSubscription, WatchInboxSubscriptionVariables>;