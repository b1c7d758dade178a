/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
/** Input of acceptInvite. */
export type AcceptInviteInput = {
  /** The code of the link. */
  inviteCode: string;
};

/** Input of ackDelivered. */
export type AckDeliveredInput = {
  /** The cursor of the last inbox item that the client applied. */
  cursor: string;
};

/** Input of addMembers. */
export type AddMembersInput = {
  /** The role they get. It must be below the role of the viewer. Default: MEMBER. */
  role?: MemberRole | null | undefined;
  /** The id of the room. */
  roomId: string;
  /** The users to add, 1 to 100. */
  userIds: Array<string>;
};

/** Input of addReaction. */
export type AddReactionInput = {
  /** One emoji, such as 👍 or 🏳️‍🌈, or the name of an emoji of this server between colons, such as `:party:`. */
  emoji: string;
  /** The id of the message. */
  messageId: string;
};

/** Input of answerJoinRequest. */
export type AnswerJoinRequestInput = {
  /** Whether the user becomes a member. */
  isAccepted: boolean;
  /** The id of the request. */
  requestId: string;
};

/** What was done. More actions can follow: treat an unknown one as OTHER. */
export type AuditAction =
  /** An invite was created. */
  | 'INVITE_CREATED'
  /** An invite was revoked. */
  | 'INVITE_REVOKED'
  /** A request to join was accepted. */
  | 'JOIN_REQUEST_ACCEPTED'
  /** A request to join was declined. A ban also declines it, and has its own entry. */
  | 'JOIN_REQUEST_DECLINED'
  /** A member was removed. */
  | 'MEMBER_REMOVED'
  /** A member was timed out, or the timeout was ended. */
  | 'MEMBER_TIMED_OUT'
  /** A message of another user was deleted. */
  | 'MESSAGE_DELETED'
  /** Something that this version of the server does not know. */
  | 'OTHER'
  /** The permissions of a role or a member changed. */
  | 'PERMISSIONS_CHANGED'
  /** A member got another role. */
  | 'ROLE_CHANGED'
  /** The room was archived. */
  | 'ROOM_ARCHIVED'
  /** The name, the description or the lifetime of messages changed. */
  | 'ROOM_UPDATED'
  /** The settings of the room changed. */
  | 'SETTINGS_CHANGED'
  /** A user was banned, or the ban was replaced. */
  | 'USER_BANNED'
  /** A ban was ended. */
  | 'USER_UNBANNED';

/** Which entries. What is not given makes no difference. */
export type AuditLogFilter = {
  /** Only this action. */
  action?: AuditAction | null | undefined;
  /** Only what this user did. */
  actorId?: string | null | undefined;
};

/** Input of banUser. */
export type BanUserInput = {
  /** When the ban ends by itself, in the future. Default: never. */
  expiresAt?: string | null | undefined;
  /** Why, at most 500 characters, for those who see the bans and the audit log. */
  reason?: string | null | undefined;
  /** The id of the room. */
  roomId: string;
  /** The id of the user. */
  userId: string;
};

/** Input of beginIdentityLink. */
export type BeginIdentityLinkInput = {
  /** Shows that the user is there. Required if the account has a password (`Viewer.hasPassword`) or a passkey. */
  proof?: ProofInput | null | undefined;
  /** The name of a provider in `ServerInfo.signInProviders`. */
  provider: string;
  /** The page of the client to which the provider sends the user back, without `?` and `#`. The settings of the server must allow it, and so must the provider. */
  redirectUri: string;
};

/** Input of beginOidcLogin. */
export type BeginOidcLoginInput = {
  /** The name of a provider in `ServerInfo.signInProviders`. */
  provider: string;
  /** The page of the client to which the provider sends the user back, without `?` and `#`. The settings of the server must allow it, and so must the provider. */
  redirectUri: string;
};

/** Input of beginPasskeyRegistration. */
export type BeginPasskeyRegistrationInput = {
  /** Shows that the user is there. Required if the account has a password (`Viewer.hasPassword`) or a passkey. */
  proof?: ProofInput | null | undefined;
};

/** Input of beginTotp. */
export type BeginTotpInput = {
  /** Shows that the user is there. */
  proof: ProofInput;
};

/** Input of blockUser. */
export type BlockUserInput = {
  /** The id of the user. */
  userId: string;
};

/** Input of cancelJoinRequest. */
export type CancelJoinRequestInput = {
  /** The id of the room. */
  roomId: string;
};

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

/** Input of changeEmail. */
export type ChangeEmailInput = {
  /** The new e-mail address, at most 255 characters. */
  newEmail: string;
  /** The password of the account. */
  password: string;
};

/** Input of changePassword. */
export type ChangePasswordInput = {
  /** The current password. */
  currentPassword: string;
  /** 8 to 256 characters, at least one of them not a space. Common passwords are refused, and so are the names of the account. */
  newPassword: string;
};

/** Input of closePoll. */
export type ClosePollInput = {
  /** The id of the message. */
  messageId: string;
};

/** Input of completeLogin. */
export type CompleteLoginInput = {
  /** The challenge of the SecondFactorRequiredError. */
  challenge: string;
  /** The six digits that the app shows, or a recovery code. Spaces, hyphens and case are ignored. Each code works once. */
  code: string;
  /** What the user calls this device, at most 100 characters. It is shown in the list of sessions. */
  deviceName?: string | null | undefined;
};

/** Input of completeOidcLogin. */
export type CompleteOidcLoginInput = {
  /** `code` in the address of the page, at most 4096 characters. */
  code: string;
  /** What the user calls this device, at most 100 characters. It is shown in the list of sessions. */
  deviceName?: string | null | undefined;
  /** `iss` in the address of the page, if it is there: it shows which provider has answered. */
  iss?: string | null | undefined;
  /** The secret of the mutation that has begun this. */
  secret: string;
  /** `state` in the address of the page. */
  state: string;
};

/** Input of confirmTotp. */
export type ConfirmTotpInput = {
  /** The six digits that the app shows now. */
  code: string;
};

/** Who may reach a user. Users whom the user has blocked may not, whatever it is. */
export type ContactRule =
  /** Everyone with an account on the server. */
  | 'EVERYONE'
  /** Nobody. */
  | 'NOBODY'
  /** Members of a room that the user is in, public and direct rooms included. */
  | 'SHARED_ROOMS';

/** Input of createEmoji. */
export type CreateEmojiInput = {
  /** The name, without colons: 2 to 32 of the characters a-z, 0-9 and _. */
  name: string;
};

/** Input of createInvite. */
export type CreateInviteInput = {
  /** When it expires, in the future. Default: never. */
  expiresAt?: string | null | undefined;
  /** How often it can be used, 1 to 100000. Default: without a limit. */
  maxUses?: number | null | undefined;
  /** The role that users get. It must be below that of the viewer. */
  role: MemberRole;
  /** The id of the room. */
  roomId: string;
};

/** Input of createPoll. */
export type CreatePollInput = {
  /** True: the reply is also in the main timeline. Only with threadRootId. */
  alsoSendToRoom?: boolean | null | undefined;
  /** When the poll closes, at most 366 days from now. Without it, it is open until a user closes it. */
  closesAt?: string | null | undefined;
  /** Seconds after which the message disappears, 5 to 31,622,400 (366 days). The lifetime of the messages of the room holds if it is shorter. */
  expiresInSeconds?: number | null | undefined;
  /** A key chosen by the client, with the same rules as in sendMessage. */
  idempotencyKey: string;
  /** True: nobody sees who votes. Default: false. */
  isAnonymous?: boolean | null | undefined;
  /** A place that the message shares. Its text is for clients and notifications that show no places. */
  location?: LocationInput | null | undefined;
  /** How many options a user can choose at most, 1 to the number of options. Default: 1. */
  maxChoices?: number | null | undefined;
  /** At most 16 typed values for clients, such as the number of a ticket. The server gives them no meaning, and all who see the text see them. */
  metadata?: Array<MetadataEntryInput> | null | undefined;
  /** The texts of 2 to 20 different options, each of 1 to 100 characters. White space around a text is removed. */
  options: Array<string>;
  /** The question, 1 to 5000 characters: the text of the message, with the same rules as in sendMessage. */
  question: string;
  /** The id of a message of the same room that the new message quotes. */
  replyToId?: string | null | undefined;
  /** When the results are shown. Default: ALWAYS. */
  resultsVisibility?: PollResultsVisibility | null | undefined;
  /** The id of the room. */
  roomId: string;
  /** Sends the message as a reply in the thread of this message of the same room, as in sendMessage. */
  threadRootId?: string | null | undefined;
};

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

/** Input of deleteAccount. */
export type DeleteAccountInput = {
  /** Whether the messages of the user are deleted, too, with all forwards of them. A job of the server does that afterwards; each message gets a MessageDeleted with the reason ACCOUNT_DELETED. Default: false, so the messages stay, without the name. */
  erasesMessages?: boolean | null | undefined;
  /** Shows that the user is there: the password, with a code if the account has an app; or a passkey. A user without a password needs a passkey, or a sign-in of the last 10 minutes with a code if the account has an app. A guest needs nothing. */
  proof?: ProofInput | null | undefined;
};

/** Input of deleteDraft. */
export type DeleteDraftInput = {
  /** The version that the client knows, 0 for none. If the draft has another version, the call is refused with a ConflictError. */
  expectedVersion?: number | null | undefined;
  /** The id of the room. */
  roomId: string;
  /** The draft is a reply in the thread of this message of the room, also if nobody has replied yet. */
  threadRootId?: string | null | undefined;
};

/** Input of deleteEmoji. */
export type DeleteEmojiInput = {
  /** The name, without colons: 2 to 32 of the characters a-z, 0-9 and _. */
  name: string;
};

/** Input of deleteMessage. */
export type DeleteMessageInput = {
  /** The id of the message. */
  messageId: string;
};

/** Input of deleteMessages. */
export type DeleteMessagesInput = {
  /** The ids of the messages, 1 to 100. */
  messageIds: Array<string>;
  /** The id of the room. */
  roomId: string;
};

/** Input of deletePasskey. */
export type DeletePasskeyInput = {
  /** The id of a passkey of the viewer. */
  passkeyId: string;
  /** Shows that the user is there. Required if the account has a password (`Viewer.hasPassword`) or a passkey. */
  proof?: ProofInput | null | undefined;
};

/** Input of disableTotp. */
export type DisableTotpInput = {
  /** Shows that the user is there. */
  proof: ProofInput;
};

/** Input of editMessage. */
export type EditMessageInput = {
  /** The version that the user edited. If the message has another version, the result is a ConflictError. */
  expectedVersion?: number | null | undefined;
  /** The id of the message. */
  messageId: string;
  /** At most 16 values in place of all the message has; an empty list removes them. Without it, they stay. */
  metadata?: Array<MetadataEntryInput> | null | undefined;
  /** The new text, with the same rules as in sendMessage. */
  text: string;
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

/** Input of finishPasskeyRegistration. */
export type FinishPasskeyRegistrationInput = {
  /** What the user calls it, 1 to 100 characters. */
  name: string;
  /** What `navigator.credentials.create` has answered, as JSON. */
  response: PasskeyAttestationInput;
};

/** Input of followThread. */
export type FollowThreadInput = {
  /** The id of the thread. */
  threadId: string;
};

/** Input of forwardMessage. */
export type ForwardMessageInput = {
  /** True: the reply is also in the main timeline. Only with threadRootId. */
  alsoSendToRoom?: boolean | null | undefined;
  /** A key chosen by the client, with the same rules as in sendMessage. */
  idempotencyKey: string;
  /** The id of the message that is forwarded. */
  messageId: string;
  /** The id of the room that gets the new message. */
  roomId: string;
  /** Sends the message as a reply in the thread of this message of that room, as in sendMessage. */
  threadRootId?: string | null | undefined;
};

/** Input of joinAsGuest. */
export type JoinAsGuestInput = {
  /** What the user calls this device, at most 100 characters. It is shown in the list of sessions. */
  deviceName?: string | null | undefined;
  /** The name that others see, 1 to 100 characters. */
  displayName: string;
  /** The code of the link. */
  inviteCode: string;
};

/** How users become members of a public room. Members with ADD_MEMBERS can always add and invite others. */
export type JoinPolicy =
  /** Only by invites, and added by members. */
  | 'INVITE'
  /** Every user can join. */
  | 'OPEN'
  /** Users ask to join (`requestToJoin`), and members with ADD_MEMBERS answer. */
  | 'REQUEST';

/** What became of a request to join a room. */
export type JoinRequestState =
  /** The viewer is a member. */
  | 'ACCEPTED'
  /** A member has declined, has banned the viewer, or has deleted the room. */
  | 'DECLINED'
  /** The viewer has taken it back. */
  | 'TAKEN_BACK'
  /** The viewer has asked, and waits for an answer. */
  | 'WAITING';

/** Input of joinRoom. */
export type JoinRoomInput = {
  /** The id of the room. */
  roomId: string;
};

/** Input of leaveRoom. */
export type LeaveRoomInput = {
  /** The id of the room. */
  roomId: string;
};

/** Input of linkIdentity. */
export type LinkIdentityInput = {
  /** `code` in the address of the page, at most 4096 characters. */
  code: string;
  /** `iss` in the address of the page, if it is there: it shows which provider has answered. */
  iss?: string | null | undefined;
  /** The secret of the mutation that has begun this. */
  secret: string;
  /** `state` in the address of the page. */
  state: string;
};

/** A position of a live location. */
export type LivePositionInput = {
  /** How far from it the user can be, in metres. */
  accuracyMeters?: number | null | undefined;
  /** The direction of travel, in degrees clockwise from north, 0 to 360. */
  heading?: number | null | undefined;
  /** In degrees, -90 to 90. Rounded to 6 decimals. */
  latitude: number;
  /** In degrees, -180 to 180. Rounded to 6 decimals. */
  longitude: number;
  /** The speed. */
  speedMetersPerSecond?: number | null | undefined;
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

/** Input of login. */
export type LoginInput = {
  /** What the user calls this device, at most 100 characters. It is shown in the list of sessions. */
  deviceName?: string | null | undefined;
  /** The password. */
  password: string;
  /** The username or the e-mail address, in upper or lower case. On a server that sends mail, an address counts when it is verified. */
  usernameOrEmail: string;
};

/** Input of loginWithPasskey. */
export type LoginWithPasskeyInput = {
  /** What the user calls this device, at most 100 characters. It is shown in the list of sessions. */
  deviceName?: string | null | undefined;
  /** What `navigator.credentials.get` has answered, as JSON. */
  response: PasskeyAssertionInput;
};

/** Input of loginWithToken. */
export type LoginWithTokenInput = {
  /** What the user calls this device, at most 100 characters. It is shown in the list of sessions. */
  deviceName?: string | null | undefined;
  /** A JSON Web Token, at most 8192 characters. It must be signed by the issuer for this server, and not have expired. */
  token: string;
};

/** Input of logoutAllSessions. */
export type LogoutAllSessionsInput = {
  /** Whether the session of this request ends, too. Default: false. */
  includingThis?: boolean | null | undefined;
};

/** Input of markRead. */
export type MarkReadInput = {
  /** The id of the room. */
  roomId: string;
  /** The number of the last message that was read. */
  upToSeq: number;
};

/** Input of markThreadRead. */
export type MarkThreadReadInput = {
  /** The id of the thread. */
  threadId: string;
  /** The `threadSeq` of the last reply that was read. */
  upToSeq: number;
};

/** Input of markThreadUnread. */
export type MarkThreadUnreadInput = {
  /** The `threadSeq` of the first reply that is unread, one of the last 10000 replies. */
  fromSeq: number;
  /** The id of the thread. */
  threadId: string;
};

/** Input of markUnread. */
export type MarkUnreadInput = {
  /** The number of the first message that was not read. */
  fromSeq: number;
  /** The id of the room. */
  roomId: string;
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

/** What the viewer sees of a message that another message refers to. There will be more values: treat those that you do not know like INVISIBLE. */
export type MessageVisibility =
  /** It was deleted: it has no text. */
  | 'DELETED'
  /** The viewer may not see it, or it does not exist any more. */
  | 'INVISIBLE'
  /** The viewer may see it. */
  | 'VISIBLE';

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

/** Input of moveLiveLocation. */
export type MoveLiveLocationInput = {
  /** The id of the message with the live location. */
  messageId: string;
  /** The position. */
  position: LivePositionInput;
};

/** Input of openDirectRoom. */
export type OpenDirectRoomInput = {
  /** The users besides the viewer, at most 9. */
  userIds: Array<string>;
};

/** AuthenticationResponseJSON of WebAuthn, of which the server reads these members. */
export type PasskeyAssertionInput = {
  /** The id of the credential, in base64url. */
  id: string;
  /** The response of the authenticator. */
  response: PasskeyAssertionResponseInput;
};

/** AuthenticatorAssertionResponseJSON of WebAuthn. */
export type PasskeyAssertionResponseInput = {
  /** What the authenticator says, in base64url. */
  authenticatorData: string;
  /** What the browser says, in base64url. */
  clientDataJSON: string;
  /** The signature of both, in base64url. */
  signature: string;
  /** The handle of the account, in base64url. */
  userHandle?: string | null | undefined;
};

/** RegistrationResponseJSON of WebAuthn, of which the server reads these members. */
export type PasskeyAttestationInput = {
  /** The id of the credential, in base64url. */
  id: string;
  /** The response of the authenticator. */
  response: PasskeyAttestationResponseInput;
};

/** AuthenticatorAttestationResponseJSON of WebAuthn, of which the server reads these members. */
export type PasskeyAttestationResponseInput = {
  /** What the authenticator says, in base64url. */
  attestationObject: string;
  /** What the browser says, in base64url. */
  clientDataJSON: string;
  /** How browsers reach the authenticator. */
  transports?: Array<string> | null | undefined;
};

/** The effect that one permission gets. */
export type PermissionChangeInput = {
  /** Its effect. */
  effect: PermissionEffect;
  /** The permission. */
  permission: RoomPermission;
};

/** What an override says of a permission. */
export type PermissionEffect =
  /** It is allowed. */
  | 'ALLOW'
  /** It is denied. Of one override, this counts more than ALLOW. */
  | 'DENY'
  /** The step before decides: the override of the role, or the default of the role. */
  | 'INHERIT';

/** What a step of an explanation is about. */
export type PermissionStepKind =
  /** The room is archived, and the action changes it. */
  | 'ARCHIVED'
  /** The action also needs SEND_MESSAGES, which the member does not have. */
  | 'CANNOT_SEND'
  /** The member has SEND_MESSAGES, which allows the action, too. */
  | 'CAN_SEND'
  /** The override of the member in this room. */
  | 'MEMBER_OVERRIDE'
  /** The user is not a member of the room. */
  | 'NOT_A_MEMBER'
  /** The member is an owner, who may do everything. Overrides do not apply. */
  | 'OWNER'
  /** What the role allows in every room. */
  | 'ROLE_DEFAULT'
  /** The override of the role in this room. */
  | 'ROLE_OVERRIDE'
  /** The member may not send messages for a limited time, and the action needs that. */
  | 'TIMED_OUT';

/** Whose permissions. Give exactly one field. */
export type PermissionTargetInput =
  {   /** All members with this role. Not OWNER. */
  role: MemberRole; userId?: never; }
  |  { role?: never;   /** One member. The override applies whatever role the member has, except OWNER. */
  userId: string; };

/** Input of pinMessage. */
export type PinMessageInput = {
  /** The id of the message. */
  messageId: string;
};

/** When the results of a poll are shown. */
export type PollResultsVisibility =
  /** From the first vote on. */
  | 'ALWAYS'
  /** When the poll is closed. Until then nobody sees them; users see their own votes. */
  | 'WHEN_CLOSED';

/** Who sends messages in a room. It is a name for overrides of the roles MEMBER and GUEST, and changes with them. */
export type PostingPolicy =
  /** The overrides of the room say something else. */
  | 'CUSTOM'
  /** All members. */
  | 'EVERYONE'
  /** Moderators and higher roles. All others read and react. */
  | 'MODERATORS'
  /** Moderators and higher roles. All others read, react and reply in threads. */
  | 'MODERATORS_AND_REPLIES';

/** Shows that the user is there, because a session alone may be a stolen one: the password (with a code if the account has an app), or a passkey. */
export type ProofInput = {
  /** A code of the app, or a recovery code. Required with the password if the account has an app; the code is used up. */
  code?: string | null | undefined;
  /** The use of a passkey of the account, for options of beginPasskeyLogin. */
  passkey?: PasskeyAssertionInput | null | undefined;
  /** The password of the account. */
  password?: string | null | undefined;
};

/** Input of refreshSession. */
export type RefreshSessionInput = {
  /** The latest refresh token of the session. */
  refreshToken: string;
};

/** Input of refreshStreamAuth. */
export type RefreshStreamAuthInput = {
  /** A new access token, from refreshSession. */
  accessToken: string;
};

/** Input of regenerateRecoveryCodes. */
export type RegenerateRecoveryCodesInput = {
  /** Shows that the user is there. */
  proof: ProofInput;
};

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

/** Input of removeMember. */
export type RemoveMemberInput = {
  /** Why, at most 500 characters. Only the audit log of the room has it. */
  reason?: string | null | undefined;
  /** The id of the room. */
  roomId: string;
  /** The id of the user. */
  userId: string;
};

/** Input of removeReaction. */
export type RemoveReactionInput = {
  /** One emoji, such as 👍 or 🏳️‍🌈, or the name of an emoji of this server between colons, such as `:party:`. */
  emoji: string;
  /** The id of the message. */
  messageId: string;
};

/** Input of renamePasskey. */
export type RenamePasskeyInput = {
  /** What the user calls it, 1 to 100 characters. */
  name: string;
  /** The id of a passkey of the viewer. */
  passkeyId: string;
};

/** Input of renameThread. */
export type RenameThreadInput = {
  /** The id of the thread. */
  threadId: string;
  /** At most 100 characters. An empty title removes it. */
  title: string;
};

/** Input of requestPasswordReset. */
export type RequestPasswordResetInput = {
  /** The username or the e-mail address, in upper or lower case. */
  usernameOrEmail: string;
};

/** Input of requestToJoin. */
export type RequestToJoinInput = {
  /** The id of the room. */
  roomId: string;
  /** What the viewer says to those who answer, at most 300 characters. */
  text?: string | null | undefined;
};

/** Input of resetPassword. */
export type ResetPasswordInput = {
  /** 8 to 256 characters, at least one of them not a space. Common passwords are refused, and so are the names of the account. */
  newPassword: string;
  /** The token of the mail: what follows `=` in the fragment of its link. */
  token: string;
};

/** Why a stream cannot continue from a cursor. */
export type ResyncReason =
  /** The viewer lost access to the room and got it back after the cursor. */
  | 'ACCESS_CHANGED'
  /** The log no longer contains the events after the cursor. */
  | 'CURSOR_EXPIRED'
  /** The cursor belongs to other data: the data before a restored backup, another server, or another user. */
  | 'CURSOR_FOREIGN';

/** Input of revokeInvite. */
export type RevokeInviteInput = {
  /** The id of the invite. */
  inviteId: string;
};

/** Input of revokeSession. */
export type RevokeSessionInput = {
  /** The id of a session of the viewer. */
  sessionId: string;
};

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

/** Input of saveDraft. */
export type SaveDraftInput = {
  /** The version that the client knows, 0 for none. If the draft has another version, the call is refused with a ConflictError. */
  expectedVersion?: number | null | undefined;
  /** The key with which the client will send the message. A device that goes on with a draft of another device uses a new key. */
  idempotencyKey: string;
  /** The id of a message of the same room that the draft quotes. */
  quotedMessageId?: string | null | undefined;
  /** The id of the room. */
  roomId: string;
  /** At most 5000 characters. It can only be blank if the draft quotes a message. */
  text: string;
  /** The draft is a reply in the thread of this message of the room, also if nobody has replied yet. */
  threadRootId?: string | null | undefined;
};

/** Input of saveMessage. */
export type SaveMessageInput = {
  /** The id of the message. */
  messageId: string;
};

/** A second factor with which a sign-in can be completed. */
export type SecondFactorMethod =
  /** One of the recovery codes of the account. */
  | 'RECOVERY_CODE'
  /** A code of six digits from an authenticator app. */
  | 'TOTP';

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

/** Input of setRoomPermissionOverride. */
export type SetRoomPermissionOverrideInput = {
  /** The effects, at least one, and each permission once. */
  changes: Array<PermissionChangeInput>;
  /** The id of the room. */
  roomId: string;
  /** Whose permissions. */
  target: PermissionTargetInput;
};

/** Input of setTyping. */
export type SetTypingInput = {
  /** Whether the viewer is typing. */
  isTyping: boolean;
  /** The id of the room. */
  roomId: string;
};

/** Input of stopLiveLocation. */
export type StopLiveLocationInput = {
  /** The id of the message with the live location. */
  messageId: string;
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

/** Which of the viewer's threads. */
export type ThreadFilter =
  /** All that the viewer follows, or has replied to, read or been mentioned in. */
  | 'ALL'
  /** Those that the viewer follows. */
  | 'FOLLOWED'
  /** Those that the viewer follows and that have unread replies. */
  | 'UNREAD';

/** The order of the threads of a room. */
export type ThreadOrder =
  /** The thread with the newest reply first. */
  | 'LAST_REPLY'
  /** The thread of the newest message first. */
  | 'NEWEST';

/** Input of timeoutMember. */
export type TimeoutMemberInput = {
  /** Why, at most 500 characters. Only the audit log of the room has it. */
  reason?: string | null | undefined;
  /** The id of the room. */
  roomId: string;
  /** When the timeout ends by itself, in the future and at most 28 days from now. Null or no value ends it now. */
  until?: string | null | undefined;
  /** The id of the member. */
  userId: string;
};

/** Input of unbanUser. */
export type UnbanUserInput = {
  /** Why, at most 500 characters. Only the audit log of the room has it. */
  reason?: string | null | undefined;
  /** The id of the room. */
  roomId: string;
  /** The id of the user. */
  userId: string;
};

/** Input of unblockUser. */
export type UnblockUserInput = {
  /** The id of the user. */
  userId: string;
};

/** Input of unfollowThread. */
export type UnfollowThreadInput = {
  /** The id of the thread. */
  threadId: string;
};

/** Input of unlinkIdentity. */
export type UnlinkIdentityInput = {
  /** `issuer` of the Identity. */
  issuer: string;
  /** `subject` of the Identity. */
  subject: string;
};

/** Input of unpinMessage. */
export type UnpinMessageInput = {
  /** The id of the message. */
  messageId: string;
};

/** Input of unsaveMessage. */
export type UnsaveMessageInput = {
  /** The id of the message. */
  messageId: string;
};

/** Input of updatePrivacy. */
export type UpdatePrivacyInput = {
  /** Who may add the viewer to rooms. The viewer can still join, and accept invites. */
  addableBy?: ContactRule | null | undefined;
  /** Who may open a direct room with the viewer. Rooms that exist already stay open. */
  directMessagesFrom?: ContactRule | null | undefined;
  /** Whether the viewer and the other members see how far each has read. Open streams keep the setting that they began with. */
  sharesReceipts?: boolean | null | undefined;
};

/** Input of updateRoom. */
export type UpdateRoomInput = {
  /** The topic of the room, at most 1,000 characters. An empty string removes it. */
  description?: string | null | undefined;
  /** Seconds after which messages disappear, 5 to 31,622,400 (366 days), for messages that are sent from now on. 0: they stay. Every member of a direct room can set it. */
  messageLifetimeSeconds?: number | null | undefined;
  /** The new name of the room, 3 to 100 characters. */
  name?: string | null | undefined;
  /** The id of the room. */
  roomId: string;
};

/** Input of updateRoomPreferences. */
export type UpdateRoomPreferencesInput = {
  /** The folder of the viewer's own list that contains the room, at most 50 characters. An empty text means none. A folder exists as long as a room is in it. */
  folder?: string | null | undefined;
  /** Whether the room is hidden. The next message shows it again. */
  isHidden?: boolean | null | undefined;
  /** Whether the room is muted. Muted rooms do not count in `Viewer.unread`. */
  isMuted?: boolean | null | undefined;
  /** Whether the room is pinned. The order `PINNED_FIRST` puts pinned rooms first. */
  isPinned?: boolean | null | undefined;
  /** Mutes the room until this time. A time in the past ends the mute. */
  mutedUntil?: string | null | undefined;
  /** The id of the room. */
  roomId: string;
  /** Whether the viewer and the other members of the room see how far each has read. */
  sharesReceipts?: boolean | null | undefined;
};

/** Input of updateRoomSettings. */
export type UpdateRoomSettingsInput = {
  /** Change them only if they still have this version; otherwise it is a ConflictError. */
  expectedVersion?: number | null | undefined;
  /** How users become members. For public rooms only. */
  joinPolicy?: JoinPolicy | null | undefined;
  /** Who sends messages. Not CUSTOM. */
  posting?: PostingPolicy | null | undefined;
  /** The id of the room. */
  roomId: string;
  /** Seconds that members wait between two messages, at most 21600 (6 hours). 0 ends slow mode. */
  slowModeSeconds?: number | null | undefined;
};

/** Input of upgradeGuest. */
export type UpgradeGuestInput = {
  /** A new display name. Default: that of the guest. */
  displayName?: string | null | undefined;
  /** An e-mail address, as in `register`. */
  email: string;
  /** An invitation to register, if the server requires one. */
  inviteToken?: string | null | undefined;
  /** 8 to 256 characters, at least one of them not a space. Common passwords are refused, and so are the names of the account. */
  password: string;
  /** A unique name, as in `register`. */
  username: string;
};

/** Input of verifyEmail. */
export type VerifyEmailInput = {
  /** The token of the mail: what follows `=` in the fragment of its link. */
  token: string;
};

/** Input of votePoll. */
export type VotePollInput = {
  /** The id of the message. */
  messageId: string;
  /** The ids of the chosen options, at most `maxChoices`. None takes the vote back. */
  optionIds: Array<string>;
};

export type DeviceFieldsFragment = { id: string, deviceName: string | null, userAgent: string | null, createdAt: string, lastUsedAt: string, isCurrent: boolean };

export type DevicesQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type DevicesQuery = { viewer: { sessions: { nodes: Array<{ id: string, deviceName: string | null, userAgent: string | null, createdAt: string, lastUsedAt: string, isCurrent: boolean }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type EndDeviceMutationVariables = Exact<{
  input: RevokeSessionInput;
}>;


export type EndDeviceMutation = { revokeSession:
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RevokeSessionSuccess' }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type EndDevicesMutationVariables = Exact<{
  input: LogoutAllSessionsInput;
}>;


export type EndDevicesMutation = { logoutAllSessions:
    | { __typename: 'LogoutAllSessionsSuccess', endedCount: number }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type NewPasswordMutationVariables = Exact<{
  input: ChangePasswordInput;
}>;


export type NewPasswordMutation = { changePassword:
    | { __typename: 'ChangePasswordSuccess' }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type AccountFieldsFragment = { email: string | null, isEmailVerified: boolean, newEmail: string | null };

export type AccountQueryVariables = Exact<{ [key: string]: never; }>;


export type AccountQuery = { viewer: { email: string | null, isEmailVerified: boolean, newEmail: string | null } | null, serverInfo: { sendsMail: boolean } };

export type MailOfServerQueryVariables = Exact<{ [key: string]: never; }>;


export type MailOfServerQuery = { serverInfo: { sendsMail: boolean } };

export type AskForVerificationMutationVariables = Exact<{ [key: string]: never; }>;


export type AskForVerificationMutation = { requestEmailVerification:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RequestEmailVerificationSuccess', email: string }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type VerifyMutationVariables = Exact<{
  input: VerifyEmailInput;
}>;


export type VerifyMutation = { verifyEmail:
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'VerifyEmailSuccess', email: string }
   | null };

export type NewEmailMutationVariables = Exact<{
  input: ChangeEmailInput;
}>;


export type NewEmailMutation = { changeEmail:
    | { __typename: 'ChangeEmailSuccess', viewer: { email: string | null, isEmailVerified: boolean, newEmail: string | null } }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type AskForResetMutationVariables = Exact<{
  input: RequestPasswordResetInput;
}>;


export type AskForResetMutation = { requestPasswordReset:
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RequestPasswordResetSuccess' }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type ResetMutationVariables = Exact<{
  input: ResetPasswordInput;
}>;


export type ResetMutation = { resetPassword:
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ResetPasswordSuccess', username: string }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type DeleteAccountMutationVariables = Exact<{
  input: DeleteAccountInput;
}>;


export type DeleteAccountMutation = { deleteAccount:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'DeleteAccountSuccess' }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type DraftPartsFragment = { threadRootId: string | null, text: string, idempotencyKey: string, version: number, updatedAt: string, room: { id: string }, quotedMessage: { id: string } | null };

export type SaveDraftMutationVariables = Exact<{
  input: SaveDraftInput;
}>;


export type SaveDraftMutation = { saveDraft:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'IdempotencyConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'SaveDraftSuccess', accountSeq: number, draft: { version: number, idempotencyKey: string } | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type DeleteDraftMutationVariables = Exact<{
  input: DeleteDraftInput;
}>;


export type DeleteDraftMutation = { deleteDraft:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'DeleteDraftSuccess', accountSeq: number }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type DraftsQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type DraftsQuery = { viewer: { drafts: { nodes: Array<{ threadRootId: string | null, text: string, idempotencyKey: string, version: number, updatedAt: string, room: { id: string }, quotedMessage: { id: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type EmojiPartsFragment = { id: string, name: string };

export type ServerEmojisQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type ServerEmojisQuery = { emojis: { nodes: Array<{ id: string, name: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type MayManageEmojisQueryVariables = Exact<{ [key: string]: never; }>;


export type MayManageEmojisQuery = { viewer: { canManageEmojis: boolean } | null };

export type MakeEmojiMutationVariables = Exact<{
  input: CreateEmojiInput;
}>;


export type MakeEmojiMutation = { createEmoji:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'CreateEmojiSuccess' }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type RemoveEmojiMutationVariables = Exact<{
  input: DeleteEmojiInput;
}>;


export type RemoveEmojiMutation = { deleteEmoji:
    | { __typename: 'DeleteEmojiSuccess' }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type SignInOrStepMutationVariables = Exact<{
  input: LoginInput;
}>;


export type SignInOrStepMutation = { login:
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'LoginSuccess', tokens: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string }, viewer: { user: { id: string } } }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'SecondFactorRequiredError', challenge: string, expiresAt: string, methods: Array<SecondFactorMethod>, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type CompleteSignInMutationVariables = Exact<{
  input: CompleteLoginInput;
}>;


export type CompleteSignInMutation = { completeLogin:
    | { __typename: 'CompleteLoginSuccess', tokens: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string }, viewer: { user: { id: string } } }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type FactorFieldsFragment = { totpEnabledAt: string | null, recoveryCodesLeft: number };

export type FactorsQueryVariables = Exact<{ [key: string]: never; }>;


export type FactorsQuery = { viewer: { totpEnabledAt: string | null, recoveryCodesLeft: number } | null };

export type SetUpAppMutationVariables = Exact<{
  input: BeginTotpInput;
}>;


export type SetUpAppMutation = { beginTotp:
    | { __typename: 'BeginTotpSuccess', secret: string, uri: string, expiresAt: string }
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type ConfirmAppMutationVariables = Exact<{
  input: ConfirmTotpInput;
}>;


export type ConfirmAppMutation = { confirmTotp:
    | { __typename: 'ConfirmTotpSuccess', recoveryCodes: Array<string> }
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type RemoveAppMutationVariables = Exact<{
  input: DisableTotpInput;
}>;


export type RemoveAppMutation = { disableTotp:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'DisableTotpSuccess' }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type NewRecoveryCodesMutationVariables = Exact<{
  input: RegenerateRecoveryCodesInput;
}>;


export type NewRecoveryCodesMutation = { regenerateRecoveryCodes:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RegenerateRecoveryCodesSuccess', recoveryCodes: Array<string> }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type ForwardMutationVariables = Exact<{
  input: ForwardMessageInput;
}>;


export type ForwardMutation = { forwardMessage:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ForwardMessageSuccess', message: { id: string } }
    | { __typename: 'IdempotencyConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type ForwardPartsFragment = { state: MessageVisibility, sentAt: string, origin: { id: string, seq: number | null, text: string | null, thread: { root: { id: string } | null } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean }, room: { id: string, title: string | null } } | null };

export type OriginsQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type OriginsQuery = { nodes: Array<
    | { id: string, forward: { state: MessageVisibility, sentAt: string, origin: { id: string, seq: number | null, text: string | null, thread: { root: { id: string } | null } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean }, room: { id: string, title: string | null } } | null } | null }
    | Record<PropertyKey, never>
   | null> };

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

export type RequestFieldsFragment = { id: string, text: string, createdAt: string, user: { id: string, username: string, displayName: string, isDeleted: boolean }, room: { id: string, name: string | null } };

export type FollowRequestsSubscriptionVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type FollowRequestsSubscription = { room:
    | { __typename: 'AuthExpiring' }
    | { __typename: 'EventUnavailable' }
    | { __typename: 'Heartbeat' }
    | { __typename: 'JoinRequestsChanged', joinRequestCount: number | null }
    | { __typename: 'LiveLocationEnded' }
    | { __typename: 'LiveLocationsChanged' }
    | { __typename: 'MemberJoined' }
    | { __typename: 'MemberLeft' }
    | { __typename: 'MemberTimedOut' }
    | { __typename: 'MemberUpdated' }
    | { __typename: 'MessageCreated' }
    | { __typename: 'MessageDeleted' }
    | { __typename: 'MessageEdited' }
    | { __typename: 'MessagePinned' }
    | { __typename: 'MessageUnpinned' }
    | { __typename: 'PermissionsChanged' }
    | { __typename: 'PollUpdated' }
    | { __typename: 'ReactionsChanged' }
    | { __typename: 'ReceiptsChanged' }
    | { __typename: 'ResyncRequired' }
    | { __typename: 'RoomArchived' }
    | { __typename: 'RoomCreated' }
    | { __typename: 'RoomDeleted' }
    | { __typename: 'RoomSettingsChanged' }
    | { __typename: 'RoomUpdated' }
    | { __typename: 'StreamClosed' }
    | { __typename: 'StreamReady' }
    | { __typename: 'ThreadUpdated' }
    | { __typename: 'TypingChanged' }
   };

export type FollowAnswersSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type FollowAnswersSubscription = { inbox:
    | { __typename: 'AccountEventUnavailable' }
    | { __typename: 'AuthExpiring' }
    | { __typename: 'BlockChanged' }
    | { __typename: 'DraftChanged' }
    | { __typename: 'EventUnavailable' }
    | { __typename: 'Heartbeat' }
    | { __typename: 'JoinRequestChanged', requestState: JoinRequestState, room: { id: string, name: string | null } }
    | { __typename: 'JoinRequestsChanged' }
    | { __typename: 'LiveLocationEnded' }
    | { __typename: 'MemberJoined' }
    | { __typename: 'MemberLeft' }
    | { __typename: 'MemberTimedOut' }
    | { __typename: 'MemberUpdated' }
    | { __typename: 'MessageCreated' }
    | { __typename: 'MessageDeleted' }
    | { __typename: 'MessageEdited' }
    | { __typename: 'MessagePinned' }
    | { __typename: 'MessageUnpinned' }
    | { __typename: 'PermissionsChanged' }
    | { __typename: 'PollUpdated' }
    | { __typename: 'ReactionsChanged' }
    | { __typename: 'ReadStateChanged' }
    | { __typename: 'ResyncRequired' }
    | { __typename: 'RoomAccessGranted' }
    | { __typename: 'RoomAccessLost' }
    | { __typename: 'RoomArchived' }
    | { __typename: 'RoomCreated' }
    | { __typename: 'RoomDeleted' }
    | { __typename: 'RoomPreferencesChanged' }
    | { __typename: 'RoomSettingsChanged' }
    | { __typename: 'RoomUpdated' }
    | { __typename: 'SavedMessageChanged' }
    | { __typename: 'StreamClosed' }
    | { __typename: 'StreamReady' }
    | { __typename: 'ThreadStateChanged' }
    | { __typename: 'ThreadUpdated' }
   };

export type RoomRequestsQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type RoomRequestsQuery = { room: { joinRequests: { nodes: Array<{ id: string, text: string, createdAt: string, user: { id: string, username: string, displayName: string, isDeleted: boolean }, room: { id: string, name: string | null } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type OwnRequestsQueryVariables = Exact<{ [key: string]: never; }>;


export type OwnRequestsQuery = { viewer: { joinRequests: Array<{ id: string, text: string, createdAt: string, user: { id: string, username: string, displayName: string, isDeleted: boolean }, room: { id: string, name: string | null } }> } | null };

export type PoliciesOfQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type PoliciesOfQuery = { nodes: Array<
    | { id: string, joinPolicy: JoinPolicy }
    | Record<PropertyKey, never>
   | null> };

export type AskToJoinMutationVariables = Exact<{
  input: RequestToJoinInput;
}>;


export type AskToJoinMutation = { requestToJoin:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RequestToJoinSuccess', request: { id: string, text: string, createdAt: string, user: { id: string, username: string, displayName: string, isDeleted: boolean }, room: { id: string, name: string | null } } | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type TakeBackMutationVariables = Exact<{
  input: CancelJoinRequestInput;
}>;


export type TakeBackMutation = { cancelJoinRequest:
    | { __typename: 'CancelJoinRequestSuccess' }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type AnswerRequestMutationVariables = Exact<{
  input: AnswerJoinRequestInput;
}>;


export type AnswerRequestMutation = { answerJoinRequest:
    | { __typename: 'AnswerJoinRequestSuccess' }
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type FollowLiveSubscriptionVariables = Exact<{
  id: string;
}>;


export type FollowLiveSubscription = { room:
    | { __typename: 'AuthExpiring' }
    | { __typename: 'EventUnavailable' }
    | { __typename: 'Heartbeat' }
    | { __typename: 'JoinRequestsChanged' }
    | { __typename: 'LiveLocationEnded' }
    | { __typename: 'LiveLocationsChanged' }
    | { __typename: 'MemberJoined' }
    | { __typename: 'MemberLeft' }
    | { __typename: 'MemberTimedOut' }
    | { __typename: 'MemberUpdated' }
    | { __typename: 'MessageCreated' }
    | { __typename: 'MessageDeleted' }
    | { __typename: 'MessageEdited' }
    | { __typename: 'MessagePinned' }
    | { __typename: 'MessageUnpinned' }
    | { __typename: 'PermissionsChanged' }
    | { __typename: 'PollUpdated' }
    | { __typename: 'ReactionsChanged' }
    | { __typename: 'ReceiptsChanged', markers: Array<{ readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }> | null }
    | { __typename: 'ResyncRequired', resyncReason: ResyncReason }
    | { __typename: 'RoomArchived' }
    | { __typename: 'RoomCreated' }
    | { __typename: 'RoomDeleted' }
    | { __typename: 'RoomSettingsChanged' }
    | { __typename: 'RoomUpdated' }
    | { __typename: 'StreamClosed', closeReason: StreamClosedReason, retryable: boolean, retryAfterMs: number | null }
    | { __typename: 'StreamReady' }
    | { __typename: 'ThreadUpdated' }
    | { __typename: 'TypingChanged', users: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }> }
   };

export type ReceiptCountsQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type ReceiptCountsQuery = { nodes: Array<
    | { id: string, receipts: { memberCount: number, deliveredCount: number, readCount: number } | null }
    | Record<PropertyKey, never>
   | null> };

export type SetTypingMutationVariables = Exact<{
  input: SetTypingInput;
}>;


export type SetTypingMutation = { setTyping:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'SetTypingSuccess' }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type AckDeliveredMutationVariables = Exact<{
  input: AckDeliveredInput;
}>;


export type AckDeliveredMutation = { ackDelivered:
    | { __typename: 'AckDeliveredSuccess' }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type PrivacyQueryVariables = Exact<{ [key: string]: never; }>;


export type PrivacyQuery = { viewer: { sharesReceipts: boolean } | null };

export type SetPrivacyMutationVariables = Exact<{
  input: UpdatePrivacyInput;
}>;


export type SetPrivacyMutation = { updatePrivacy:
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UpdatePrivacySuccess' }
   | null };

export type LocationPartsFragment = { latitude: number, longitude: number, accuracyMeters: number | null, label: string | null, live: { endsAt: string, endedAt: string | null, isActive: boolean, position: { latitude: number, longitude: number, accuracyMeters: number | null, heading: number | null, speedMetersPerSecond: number | null, at: string } | null } | null };

export type LocatedFragment = { id: string, location: { latitude: number, longitude: number, accuracyMeters: number | null, label: string | null, live: { endsAt: string, endedAt: string | null, isActive: boolean, position: { latitude: number, longitude: number, accuracyMeters: number | null, heading: number | null, speedMetersPerSecond: number | null, at: string } | null } | null } | null };

export type LocationsOfQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type LocationsOfQuery = { nodes: Array<
    | { id: string, location: { latitude: number, longitude: number, accuracyMeters: number | null, label: string | null, live: { endsAt: string, endedAt: string | null, isActive: boolean, position: { latitude: number, longitude: number, accuracyMeters: number | null, heading: number | null, speedMetersPerSecond: number | null, at: string } | null } | null } | null }
    | Record<PropertyKey, never>
   | null> };

export type FollowLocationsSubscriptionVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type FollowLocationsSubscription = { room:
    | { __typename: 'AuthExpiring' }
    | { __typename: 'EventUnavailable' }
    | { __typename: 'Heartbeat' }
    | { __typename: 'JoinRequestsChanged' }
    | { __typename: 'LiveLocationEnded', message: { id: string, location: { latitude: number, longitude: number, accuracyMeters: number | null, label: string | null, live: { endsAt: string, endedAt: string | null, isActive: boolean, position: { latitude: number, longitude: number, accuracyMeters: number | null, heading: number | null, speedMetersPerSecond: number | null, at: string } | null } | null } | null } }
    | { __typename: 'LiveLocationsChanged', locations: Array<{ messageId: string, location: { latitude: number, longitude: number, accuracyMeters: number | null, label: string | null, live: { endsAt: string, endedAt: string | null, isActive: boolean, position: { latitude: number, longitude: number, accuracyMeters: number | null, heading: number | null, speedMetersPerSecond: number | null, at: string } | null } | null } }> }
    | { __typename: 'MemberJoined' }
    | { __typename: 'MemberLeft' }
    | { __typename: 'MemberTimedOut' }
    | { __typename: 'MemberUpdated' }
    | { __typename: 'MessageCreated', message: { id: string, location: { latitude: number, longitude: number, accuracyMeters: number | null, label: string | null, live: { endsAt: string, endedAt: string | null, isActive: boolean, position: { latitude: number, longitude: number, accuracyMeters: number | null, heading: number | null, speedMetersPerSecond: number | null, at: string } | null } | null } | null } }
    | { __typename: 'MessageDeleted', message: { id: string, location: { latitude: number, longitude: number, accuracyMeters: number | null, label: string | null, live: { endsAt: string, endedAt: string | null, isActive: boolean, position: { latitude: number, longitude: number, accuracyMeters: number | null, heading: number | null, speedMetersPerSecond: number | null, at: string } | null } | null } | null } }
    | { __typename: 'MessageEdited' }
    | { __typename: 'MessagePinned' }
    | { __typename: 'MessageUnpinned' }
    | { __typename: 'PermissionsChanged' }
    | { __typename: 'PollUpdated' }
    | { __typename: 'ReactionsChanged' }
    | { __typename: 'ReceiptsChanged' }
    | { __typename: 'ResyncRequired' }
    | { __typename: 'RoomArchived' }
    | { __typename: 'RoomCreated' }
    | { __typename: 'RoomDeleted' }
    | { __typename: 'RoomSettingsChanged' }
    | { __typename: 'RoomUpdated' }
    | { __typename: 'StreamClosed' }
    | { __typename: 'StreamReady' }
    | { __typename: 'ThreadUpdated' }
    | { __typename: 'TypingChanged' }
   };

export type ShareLocationMutationVariables = Exact<{
  input: SendMessageInput;
}>;


export type ShareLocationMutation = { sendMessage:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'IdempotencyConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'SendMessageSuccess', message: { id: string } }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type MoveLocationMutationVariables = Exact<{
  input: MoveLiveLocationInput;
}>;


export type MoveLocationMutation = { moveLiveLocation:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'MoveLiveLocationSuccess' }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type StopLocationMutationVariables = Exact<{
  input: StopLiveLocationInput;
}>;


export type StopLocationMutation = { stopLiveLocation:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'StopLiveLocationSuccess' }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type EditMetadataMutationVariables = Exact<{
  input: EditMessageInput;
}>;


export type EditMetadataMutation = { editMessage:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'EditMessageSuccess' }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type FollowModerationSubscriptionVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type FollowModerationSubscription = { room:
    | { __typename: 'AuthExpiring' }
    | { __typename: 'EventUnavailable' }
    | { __typename: 'Heartbeat' }
    | { __typename: 'JoinRequestsChanged' }
    | { __typename: 'LiveLocationEnded' }
    | { __typename: 'LiveLocationsChanged' }
    | { __typename: 'MemberJoined' }
    | { __typename: 'MemberLeft' }
    | { __typename: 'MemberTimedOut', occurredAt: string, until: string | null, actor: { id: string, username: string, displayName: string, isDeleted: boolean } | null, user: { id: string, username: string, displayName: string, isDeleted: boolean } }
    | { __typename: 'MemberUpdated' }
    | { __typename: 'MessageCreated' }
    | { __typename: 'MessageDeleted' }
    | { __typename: 'MessageEdited' }
    | { __typename: 'MessagePinned' }
    | { __typename: 'MessageUnpinned' }
    | { __typename: 'PermissionsChanged' }
    | { __typename: 'PollUpdated' }
    | { __typename: 'ReactionsChanged' }
    | { __typename: 'ReceiptsChanged' }
    | { __typename: 'ResyncRequired' }
    | { __typename: 'RoomArchived' }
    | { __typename: 'RoomCreated' }
    | { __typename: 'RoomDeleted' }
    | { __typename: 'RoomSettingsChanged' }
    | { __typename: 'RoomUpdated' }
    | { __typename: 'StreamClosed' }
    | { __typename: 'StreamReady' }
    | { __typename: 'ThreadUpdated' }
    | { __typename: 'TypingChanged' }
   };

export type MemberTimeoutsQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type MemberTimeoutsQuery = { room: { members: { nodes: Array<{ timeoutUntil: string | null, user: { id: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type TimeOutMutationVariables = Exact<{
  input: TimeoutMemberInput;
}>;


export type TimeOutMutation = { timeoutMember:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'TimeoutMemberSuccess', membership: { timeoutUntil: string | null } }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type DismissMutationVariables = Exact<{
  input: RemoveMemberInput;
}>;


export type DismissMutation = { removeMember:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RemoveMemberSuccess' }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type BanFieldsFragment = { reason: string | null, createdAt: string, expiresAt: string | null, user: { id: string, username: string, displayName: string, isDeleted: boolean }, bannedBy: { id: string, username: string, displayName: string, isDeleted: boolean } };

export type RoomBansQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type RoomBansQuery = { room: { bans: { nodes: Array<{ reason: string | null, createdAt: string, expiresAt: string | null, user: { id: string, username: string, displayName: string, isDeleted: boolean }, bannedBy: { id: string, username: string, displayName: string, isDeleted: boolean } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type BanMutationVariables = Exact<{
  input: BanUserInput;
}>;


export type BanMutation = { banUser:
    | { __typename: 'BanUserSuccess', ban: { reason: string | null, createdAt: string, expiresAt: string | null, user: { id: string, username: string, displayName: string, isDeleted: boolean }, bannedBy: { id: string, username: string, displayName: string, isDeleted: boolean } } }
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type UnbanMutationVariables = Exact<{
  input: UnbanUserInput;
}>;


export type UnbanMutation = { unbanUser:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnbanUserSuccess' }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type DeleteTextsMutationVariables = Exact<{
  input: DeleteMessagesInput;
}>;


export type DeleteTextsMutation = { deleteMessages:
    | { __typename: 'DeleteMessagesSuccess', refused: Array<{ messageId: string, code: ErrorCode, detail: string }> }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type AuditFieldsFragment = { auditSeq: number, action: AuditAction, targetRole: MemberRole | null, messageId: string | null, reason: string | null, occurredAt: string, actor: { id: string, username: string, displayName: string, isDeleted: boolean }, target: { id: string, username: string, displayName: string, isDeleted: boolean } | null, changes: Array<{ field: string, before: string | null, after: string | null }> };

export type AuditPageQueryVariables = Exact<{
  id: string;
  first?: number | null | undefined;
  after?: string | null | undefined;
  filter?: AuditLogFilter | null | undefined;
}>;


export type AuditPageQuery = { room: { auditLog: { nodes: Array<{ auditSeq: number, action: AuditAction, targetRole: MemberRole | null, messageId: string | null, reason: string | null, occurredAt: string, actor: { id: string, username: string, displayName: string, isDeleted: boolean }, target: { id: string, username: string, displayName: string, isDeleted: boolean } | null, changes: Array<{ field: string, before: string | null, after: string | null }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

type Refused_ConflictError_Fragment = { code: ErrorCode, detail: string, path: Array<string> | null };

type Refused_IdempotencyConflictError_Fragment = { code: ErrorCode, detail: string, path: Array<string> | null };

type Refused_InvalidCredentialsError_Fragment = { code: ErrorCode, detail: string, path: Array<string> | null };

type Refused_NotFoundError_Fragment = { code: ErrorCode, detail: string, path: Array<string> | null };

type Refused_PermissionDeniedError_Fragment = { code: ErrorCode, detail: string, path: Array<string> | null };

type Refused_RateLimitedError_Fragment = { retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null };

type Refused_SecondFactorRequiredError_Fragment = { code: ErrorCode, detail: string, path: Array<string> | null };

type Refused_UnavailableError_Fragment = { retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null };

type Refused_ValidationError_Fragment = { code: ErrorCode, detail: string, path: Array<string> | null };

export type RefusedFragment =
  | Refused_ConflictError_Fragment
  | Refused_IdempotencyConflictError_Fragment
  | Refused_InvalidCredentialsError_Fragment
  | Refused_NotFoundError_Fragment
  | Refused_PermissionDeniedError_Fragment
  | Refused_RateLimitedError_Fragment
  | Refused_SecondFactorRequiredError_Fragment
  | Refused_UnavailableError_Fragment
  | Refused_ValidationError_Fragment
;

export type NewTokensFragment = { accessToken: string, accessTokenExpiresAt: string, refreshToken: string };

export type SignUpMutationVariables = Exact<{
  input: RegisterInput;
}>;


export type SignUpMutation = { register:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RegisterSuccess', tokens: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string }, viewer: { user: { id: string } } }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type SignInMutationVariables = Exact<{
  input: LoginInput;
}>;


export type SignInMutation = { login:
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'LoginSuccess', tokens: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string }, viewer: { user: { id: string } } }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'SecondFactorRequiredError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type SignOutMutationVariables = Exact<{ [key: string]: never; }>;


export type SignOutMutation = { logout:
    | { __typename: 'LogoutSuccess' }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type RenewSessionMutationVariables = Exact<{
  input: RefreshSessionInput;
}>;


export type RenewSessionMutation = { refreshSession:
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RefreshSessionSuccess', tokens: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string } }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type SwapStreamTokenMutationVariables = Exact<{
  input: RefreshStreamAuthInput;
}>;


export type SwapStreamTokenMutation = { refreshStreamAuth:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RefreshStreamAuthSuccess' }
   | null };

export type SendTextMutationVariables = Exact<{
  input: SendMessageInput;
}>;


export type SendTextMutation = { sendMessage:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'IdempotencyConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'SendMessageSuccess', roomSeq: number }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type EditTextMutationVariables = Exact<{
  input: EditMessageInput;
}>;


export type EditTextMutation = { editMessage:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'EditMessageSuccess', roomSeq: number }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type DeleteTextMutationVariables = Exact<{
  input: DeleteMessageInput;
}>;


export type DeleteTextMutation = { deleteMessage:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'DeleteMessageSuccess', roomSeq: number }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type AddReactionMutationVariables = Exact<{
  input: AddReactionInput;
}>;


export type AddReactionMutation = { addReaction:
    | { __typename: 'AddReactionSuccess', roomSeq: number }
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type RemoveReactionMutationVariables = Exact<{
  input: RemoveReactionInput;
}>;


export type RemoveReactionMutation = { removeReaction:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RemoveReactionSuccess', roomSeq: number }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type MakeRoomMutationVariables = Exact<{
  input: CreateRoomInput;
}>;


export type MakeRoomMutation = { createRoom:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'CreateRoomSuccess', roomSeq: number, room: { id: string } }
    | { __typename: 'IdempotencyConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type EnterRoomMutationVariables = Exact<{
  input: JoinRoomInput;
}>;


export type EnterRoomMutation = { joinRoom:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'JoinRoomSuccess', roomSeq: number, room: { id: string } }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type QuitRoomMutationVariables = Exact<{
  input: LeaveRoomInput;
}>;


export type QuitRoomMutation = { leaveRoom:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'LeaveRoomSuccess', roomSeq: number }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type InviteMembersMutationVariables = Exact<{
  input: AddMembersInput;
}>;


export type InviteMembersMutation = { addMembers:
    | { __typename: 'AddMembersSuccess', roomSeq: number }
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type TalkToMutationVariables = Exact<{
  input: OpenDirectRoomInput;
}>;


export type TalkToMutation = { openDirectRoom:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'OpenDirectRoomSuccess', roomSeq: number, room: { id: string } }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type DirectoryQueryVariables = Exact<{
  query?: string | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type DirectoryQuery = { rooms: { nodes: Array<{ id: string, name: string | null, description: string | null, memberCount: number, viewerMembership: { id: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type FindPersonQueryVariables = Exact<{
  username: string;
}>;


export type FindPersonQuery = { userByName: { id: string, username: string, displayName: string, isDeleted: boolean } | null };

export type TimelineQueryVariables = Exact<{
  id: string;
  around: MessageAnchor;
  before?: number | null | undefined;
  after?: number | null | undefined;
}>;


export type TimelineQuery = { room: { lastMessageSeq: number | null, messages: { nodes: Array<{ isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }> } | null } | null };

export type MemberListQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type MemberListQuery = { room: { lastRoomSeq: number | null, members: { nodes: Array<{ id: string, role: MemberRole, joinedAt: string, readSeq: number, deliveredSeq: number, user: { id: string, username: string, displayName: string, isDeleted: boolean } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type LogEndsQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type LogEndsQuery = { viewer: { rooms: { nodes: Array<{ id: string, lastRoomSeq: number | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type ReadMutationVariables = Exact<{
  input: MarkReadInput;
}>;


export type ReadMutation = { markRead:
    | { __typename: 'MarkReadSuccess' }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type UnreadMutationVariables = Exact<{
  input: MarkUnreadInput;
}>;


export type UnreadMutation = { markUnread:
    | { __typename: 'MarkUnreadSuccess' }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type ReadAllMutationVariables = Exact<{ [key: string]: never; }>;


export type ReadAllMutation = { markAllRead:
    | { __typename: 'MarkAllReadSuccess' }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type PreferMutationVariables = Exact<{
  input: UpdateRoomPreferencesInput;
}>;


export type PreferMutation = { updateRoomPreferences:
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UpdateRoomPreferencesSuccess' }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type PinMutationVariables = Exact<{
  input: PinMessageInput;
}>;


export type PinMutation = { pinMessage:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PinMessageSuccess' }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type UnpinMutationVariables = Exact<{
  input: UnpinMessageInput;
}>;


export type UnpinMutation = { unpinMessage:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnpinMessageSuccess' }
   | null };

export type PinnedMessagesQueryVariables = Exact<{
  id: string;
}>;


export type PinnedMessagesQuery = { room: { pinnedMessages: { nodes: Array<{ id: string, seq: number | null, text: string | null, sentAt: string, pinnedAt: string | null, thread: { root: { id: string } | null } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean }, pinnedBy: { id: string, username: string, displayName: string, isDeleted: boolean } | null }> } | null } | null };

export type SaveMutationVariables = Exact<{
  input: SaveMessageInput;
}>;


export type SaveMutation = { saveMessage:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'SaveMessageSuccess' }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type UnsaveMutationVariables = Exact<{
  input: UnsaveMessageInput;
}>;


export type UnsaveMutation = { unsaveMessage:
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnsaveMessageSuccess' }
   | null };

export type SavedMessagesQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type SavedMessagesQuery = { viewer: { savedMessages: { nodes: Array<{ messageId: string, savedAt: string, message: { seq: number | null, text: string | null, sentAt: string, thread: { root: { id: string } | null } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean }, room: { id: string, title: string | null } } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type CreatePollMutationVariables = Exact<{
  input: CreatePollInput;
}>;


export type CreatePollMutation = { createPoll:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'CreatePollSuccess', message: { id: string } }
    | { __typename: 'IdempotencyConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type VotePollMutationVariables = Exact<{
  input: VotePollInput;
}>;


export type VotePollMutation = { votePoll:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'VotePollSuccess' }
   | null };

export type ClosePollMutationVariables = Exact<{
  input: ClosePollInput;
}>;


export type ClosePollMutation = { closePoll:
    | { __typename: 'ClosePollSuccess' }
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type LookAtInviteQueryVariables = Exact<{
  code: string;
}>;


export type LookAtInviteQuery = { invite: { roomName: string, memberCount: number, role: MemberRole, invitedBy: string } | null, serverInfo: { allowsGuests: boolean } };

export type GuestsAllowedQueryVariables = Exact<{ [key: string]: never; }>;


export type GuestsAllowedQuery = { serverInfo: { allowsGuests: boolean } };

export type EnterAsGuestMutationVariables = Exact<{
  input: JoinAsGuestInput;
}>;


export type EnterAsGuestMutation = { joinAsGuest:
    | { __typename: 'JoinAsGuestSuccess', tokens: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string }, viewer: { user: { id: string } }, room: { id: string } }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type AcceptLinkMutationVariables = Exact<{
  input: AcceptInviteInput;
}>;


export type AcceptLinkMutation = { acceptInvite:
    | { __typename: 'AcceptInviteSuccess', room: { id: string } }
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type MakePermanentMutationVariables = Exact<{
  input: UpgradeGuestInput;
}>;


export type MakePermanentMutation = { upgradeGuest:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UpgradeGuestSuccess' }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type MakeLinkMutationVariables = Exact<{
  input: CreateInviteInput;
}>;


export type MakeLinkMutation = { createInvite:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'CreateInviteSuccess', inviteCode: string, link: string, invite: { id: string, role: MemberRole, createdAt: string, expiresAt: string | null, maxUses: number | null, useCount: number, isOpen: boolean, createdBy: { id: string, username: string, displayName: string, isDeleted: boolean } } }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type SetLifetimeMutationVariables = Exact<{
  input: UpdateRoomInput;
}>;


export type SetLifetimeMutation = { updateRoom:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UpdateRoomSuccess' }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type EndLinkMutationVariables = Exact<{
  input: RevokeInviteInput;
}>;


export type EndLinkMutation = { revokeInvite:
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RevokeInviteSuccess' }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type RoomInvitesQueryVariables = Exact<{
  id: string;
}>;


export type RoomInvitesQuery = { room: { invites: { nodes: Array<{ id: string, role: MemberRole, createdAt: string, expiresAt: string | null, maxUses: number | null, useCount: number, isOpen: boolean, createdBy: { id: string, username: string, displayName: string, isDeleted: boolean } }> } | null } | null };

export type InviteFieldsFragment = { id: string, role: MemberRole, createdAt: string, expiresAt: string | null, maxUses: number | null, useCount: number, isOpen: boolean, createdBy: { id: string, username: string, displayName: string, isDeleted: boolean } };

export type PasskeyFieldsFragment = { id: string, name: string, isSynced: boolean, createdAt: string, lastUsedAt: string | null };

export type PasskeyDomainQueryVariables = Exact<{ [key: string]: never; }>;


export type PasskeyDomainQuery = { serverInfo: { passkeyDomain: string | null } };

export type PasskeysQueryVariables = Exact<{ [key: string]: never; }>;


export type PasskeysQuery = { viewer: { passkeys: Array<{ id: string, name: string, isSynced: boolean, createdAt: string, lastUsedAt: string | null }> } | null };

export type MakePasskeyMutationVariables = Exact<{
  input: BeginPasskeyRegistrationInput;
}>;


export type MakePasskeyMutation = { beginPasskeyRegistration:
    | { __typename: 'BeginPasskeyRegistrationSuccess', options: { challenge: string, timeout: number, attestation: string, rp: { id: string, name: string }, user: { id: string, name: string, displayName: string }, pubKeyCredParams: Array<{ type: string, alg: number }>, excludeCredentials: Array<{ type: string, id: string, transports: Array<string> }>, authenticatorSelection: { residentKey: string, requireResidentKey: boolean, userVerification: string } } }
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type StorePasskeyMutationVariables = Exact<{
  input: FinishPasskeyRegistrationInput;
}>;


export type StorePasskeyMutation = { finishPasskeyRegistration:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'FinishPasskeyRegistrationSuccess', passkey: { id: string, name: string, isSynced: boolean, createdAt: string, lastUsedAt: string | null } }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type AskForPasskeyMutationVariables = Exact<{ [key: string]: never; }>;


export type AskForPasskeyMutation = { beginPasskeyLogin:
    | { __typename: 'BeginPasskeyLoginSuccess', options: { challenge: string, rpId: string, timeout: number, userVerification: string } }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type SignInByPasskeyMutationVariables = Exact<{
  input: LoginWithPasskeyInput;
}>;


export type SignInByPasskeyMutation = { loginWithPasskey:
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'LoginWithPasskeySuccess', tokens: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string }, viewer: { user: { id: string } } }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type NamePasskeyMutationVariables = Exact<{
  input: RenamePasskeyInput;
}>;


export type NamePasskeyMutation = { renamePasskey:
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RenamePasskeySuccess' }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type DropPasskeyMutationVariables = Exact<{
  input: DeletePasskeyInput;
}>;


export type DropPasskeyMutation = { deletePasskey:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'DeletePasskeySuccess' }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type OverrideFieldsFragment = { role: MemberRole | null, allowed: Array<RoomPermission>, denied: Array<RoomPermission>, user: { id: string, username: string, displayName: string, isDeleted: boolean } | null };

export type FollowPermissionsSubscriptionVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type FollowPermissionsSubscription = { room:
    | { __typename: 'AuthExpiring' }
    | { __typename: 'EventUnavailable' }
    | { __typename: 'Heartbeat' }
    | { __typename: 'JoinRequestsChanged' }
    | { __typename: 'LiveLocationEnded' }
    | { __typename: 'LiveLocationsChanged' }
    | { __typename: 'MemberJoined' }
    | { __typename: 'MemberLeft' }
    | { __typename: 'MemberTimedOut' }
    | { __typename: 'MemberUpdated' }
    | { __typename: 'MessageCreated' }
    | { __typename: 'MessageDeleted' }
    | { __typename: 'MessageEdited' }
    | { __typename: 'MessagePinned' }
    | { __typename: 'MessageUnpinned' }
    | { __typename: 'PermissionsChanged', occurredAt: string, actor: { id: string, username: string, displayName: string, isDeleted: boolean } | null, override: { role: MemberRole | null, allowed: Array<RoomPermission>, denied: Array<RoomPermission>, user: { id: string, username: string, displayName: string, isDeleted: boolean } | null } }
    | { __typename: 'PollUpdated' }
    | { __typename: 'ReactionsChanged' }
    | { __typename: 'ReceiptsChanged' }
    | { __typename: 'ResyncRequired' }
    | { __typename: 'RoomArchived' }
    | { __typename: 'RoomCreated' }
    | { __typename: 'RoomDeleted' }
    | { __typename: 'RoomSettingsChanged' }
    | { __typename: 'RoomUpdated' }
    | { __typename: 'StreamClosed' }
    | { __typename: 'StreamReady' }
    | { __typename: 'ThreadUpdated' }
    | { __typename: 'TypingChanged' }
   };

export type RoomOverridesQueryVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type RoomOverridesQuery = { room: { permissionOverrides: { nodes: Array<{ role: MemberRole | null, allowed: Array<RoomPermission>, denied: Array<RoomPermission>, user: { id: string, username: string, displayName: string, isDeleted: boolean } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type ExplainPermissionQueryVariables = Exact<{
  roomId: string;
  userId: string;
  permission: RoomPermission;
}>;


export type ExplainPermissionQuery = { explainPermission: { isAllowed: boolean, steps: Array<{ kind: PermissionStepKind, effect: PermissionEffect }> } | null };

export type SetOverrideMutationVariables = Exact<{
  input: SetRoomPermissionOverrideInput;
}>;


export type SetOverrideMutation = { setRoomPermissionOverride:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'SetRoomPermissionOverrideSuccess', override: { role: MemberRole | null, allowed: Array<RoomPermission>, denied: Array<RoomPermission>, user: { id: string, username: string, displayName: string, isDeleted: boolean } | null } }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type BlockedFieldsFragment = { blockedAt: string, user: { id: string, username: string, displayName: string, isDeleted: boolean } };

export type BlockedQueryVariables = Exact<{
  after?: string | null | undefined;
}>;


export type BlockedQuery = { viewer: { blockedUsers: { nodes: Array<{ blockedAt: string, user: { id: string, username: string, displayName: string, isDeleted: boolean } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type FollowBlocksSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type FollowBlocksSubscription = { inbox:
    | { __typename: 'AccountEventUnavailable' }
    | { __typename: 'AuthExpiring' }
    | { __typename: 'BlockChanged', isBlocked: boolean, user: { id: string, username: string, displayName: string, isDeleted: boolean } }
    | { __typename: 'DraftChanged' }
    | { __typename: 'EventUnavailable' }
    | { __typename: 'Heartbeat' }
    | { __typename: 'JoinRequestChanged' }
    | { __typename: 'JoinRequestsChanged' }
    | { __typename: 'LiveLocationEnded' }
    | { __typename: 'MemberJoined' }
    | { __typename: 'MemberLeft' }
    | { __typename: 'MemberTimedOut' }
    | { __typename: 'MemberUpdated' }
    | { __typename: 'MessageCreated' }
    | { __typename: 'MessageDeleted' }
    | { __typename: 'MessageEdited' }
    | { __typename: 'MessagePinned' }
    | { __typename: 'MessageUnpinned' }
    | { __typename: 'PermissionsChanged' }
    | { __typename: 'PollUpdated' }
    | { __typename: 'ReactionsChanged' }
    | { __typename: 'ReadStateChanged' }
    | { __typename: 'ResyncRequired' }
    | { __typename: 'RoomAccessGranted' }
    | { __typename: 'RoomAccessLost' }
    | { __typename: 'RoomArchived' }
    | { __typename: 'RoomCreated' }
    | { __typename: 'RoomDeleted' }
    | { __typename: 'RoomPreferencesChanged' }
    | { __typename: 'RoomSettingsChanged' }
    | { __typename: 'RoomUpdated' }
    | { __typename: 'SavedMessageChanged' }
    | { __typename: 'StreamClosed' }
    | { __typename: 'StreamReady' }
    | { __typename: 'ThreadStateChanged' }
    | { __typename: 'ThreadUpdated' }
   };

export type BlockMutationVariables = Exact<{
  input: BlockUserInput;
}>;


export type BlockMutation = { blockUser:
    | { __typename: 'BlockUserSuccess' }
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type UnblockMutationVariables = Exact<{
  input: UnblockUserInput;
}>;


export type UnblockMutation = { unblockUser:
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnblockUserSuccess' }
   | null };

export type PrivacyFieldsFragment = { sharesReceipts: boolean, directMessagesFrom: ContactRule, addableBy: ContactRule };

export type PrivacySettingsQueryVariables = Exact<{ [key: string]: never; }>;


export type PrivacySettingsQuery = { viewer: { sharesReceipts: boolean, directMessagesFrom: ContactRule, addableBy: ContactRule } | null };

export type NewPrivacyMutationVariables = Exact<{
  input: UpdatePrivacyInput;
}>;


export type NewPrivacyMutation = { updatePrivacy:
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UpdatePrivacySuccess', viewer: { sharesReceipts: boolean, directMessagesFrom: ContactRule, addableBy: ContactRule } }
   | null };

export type MessageRevisionsQueryVariables = Exact<{
  messageId: string;
  after?: string | null | undefined;
}>;


export type MessageRevisionsQuery = { node:
    | { revisions: { nodes: Array<{ version: number, text: string, replacedAt: string }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null }
    | Record<PropertyKey, never>
   | null };

export type SettingsFieldsFragment = { version: number, slowModeSeconds: number | null, posting: PostingPolicy, joinPolicy: JoinPolicy };

export type FollowSettingsSubscriptionVariables = Exact<{
  id: string;
  after?: string | null | undefined;
}>;


export type FollowSettingsSubscription = { room:
    | { __typename: 'AuthExpiring' }
    | { __typename: 'EventUnavailable' }
    | { __typename: 'Heartbeat' }
    | { __typename: 'JoinRequestsChanged' }
    | { __typename: 'LiveLocationEnded' }
    | { __typename: 'LiveLocationsChanged' }
    | { __typename: 'MemberJoined' }
    | { __typename: 'MemberLeft' }
    | { __typename: 'MemberTimedOut' }
    | { __typename: 'MemberUpdated' }
    | { __typename: 'MessageCreated', sender: { id: string } | null }
    | { __typename: 'MessageDeleted' }
    | { __typename: 'MessageEdited' }
    | { __typename: 'MessagePinned' }
    | { __typename: 'MessageUnpinned' }
    | { __typename: 'PermissionsChanged' }
    | { __typename: 'PollUpdated' }
    | { __typename: 'ReactionsChanged' }
    | { __typename: 'ReceiptsChanged' }
    | { __typename: 'ResyncRequired' }
    | { __typename: 'RoomArchived' }
    | { __typename: 'RoomCreated' }
    | { __typename: 'RoomDeleted' }
    | { __typename: 'RoomSettingsChanged', occurredAt: string, actor: { id: string, username: string, displayName: string, isDeleted: boolean } | null, settings: { version: number, slowModeSeconds: number | null, posting: PostingPolicy, joinPolicy: JoinPolicy } }
    | { __typename: 'RoomUpdated' }
    | { __typename: 'StreamClosed' }
    | { __typename: 'StreamReady' }
    | { __typename: 'ThreadUpdated' }
    | { __typename: 'TypingChanged' }
   };

export type ReadSettingsQueryVariables = Exact<{
  id: string;
}>;


export type ReadSettingsQuery = { room: { viewerCanSendAt: string | null, settings: { version: number, slowModeSeconds: number | null, posting: PostingPolicy, joinPolicy: JoinPolicy } | null } | null };

export type ChangeSettingsMutationVariables = Exact<{
  input: UpdateRoomSettingsInput;
}>;


export type ChangeSettingsMutation = { updateRoomSettings:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UpdateRoomSettingsSuccess', settings: { version: number, slowModeSeconds: number | null, posting: PostingPolicy, joinPolicy: JoinPolicy } }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type EnterWithTokenMutationVariables = Exact<{
  input: LoginWithTokenInput;
}>;


export type EnterWithTokenMutation = { loginWithToken:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'LoginWithTokenSuccess', isNew: boolean, tokens: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string }, viewer: { user: { id: string } } }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type ProvidersQueryVariables = Exact<{ [key: string]: never; }>;


export type ProvidersQuery = { serverInfo: { signInProviders: Array<{ name: string, displayName: string }> } };

export type BeginAtProviderMutationVariables = Exact<{
  input: BeginOidcLoginInput;
}>;


export type BeginAtProviderMutation = { beginOidcLogin:
    | { __typename: 'BeginOidcLoginSuccess', url: string, secret: string }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type EnterFromProviderMutationVariables = Exact<{
  input: CompleteOidcLoginInput;
}>;


export type EnterFromProviderMutation = { completeOidcLogin:
    | { __typename: 'CompleteOidcLoginSuccess', isNew: boolean, tokens: { accessToken: string, accessTokenExpiresAt: string, refreshToken: string }, viewer: { user: { id: string } } }
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type IdentityFieldsFragment = { issuer: string, displayName: string, subject: string, email: string | null, createdAt: string, lastUsedAt: string | null };

export type IdentitiesQueryVariables = Exact<{ [key: string]: never; }>;


export type IdentitiesQuery = { viewer: { hasPassword: boolean, totpEnabledAt: string | null, identities: Array<{ issuer: string, displayName: string, subject: string, email: string | null, createdAt: string, lastUsedAt: string | null }> } | null };

export type BeginLinkMutationVariables = Exact<{
  input: BeginIdentityLinkInput;
}>;


export type BeginLinkMutation = { beginIdentityLink:
    | { __typename: 'BeginIdentityLinkSuccess', url: string, secret: string }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type LinkFromProviderMutationVariables = Exact<{
  input: LinkIdentityInput;
}>;


export type LinkFromProviderMutation = { linkIdentity:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'InvalidCredentialsError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'LinkIdentitySuccess' }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type EndIdentityMutationVariables = Exact<{
  input: UnlinkIdentityInput;
}>;


export type EndIdentityMutation = { unlinkIdentity:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnlinkIdentitySuccess' }
   | null };

export type ThreadPartsFragment = { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string }, root: { id: string } | null };

export type ThreadReplyFragment = { threadSeq: number | null, isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } };

export type OpenThreadQueryVariables = Exact<{
  messageId: string;
  last?: number | null | undefined;
  before?: string | null | undefined;
}>;


export type OpenThreadQuery = { node:
    | { threadSeq: number | null, isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, thread: { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, replies: { nodes: Array<{ threadSeq: number | null, isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }>, pageInfo: { hasPreviousPage: boolean, startCursor: string | null } }, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string }, root: { id: string } | null } | null, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } }
    | Record<PropertyKey, never>
   | null };

export type ListedThreadFragment = { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, root: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string } };

export type ThreadsStartQueryVariables = Exact<{ [key: string]: never; }>;


export type ThreadsStartQuery = { viewer: { inboxCursor: string } | null };

export type MyThreadsQueryVariables = Exact<{
  filter?: ThreadFilter | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type MyThreadsQuery = { viewer: { threads: { nodes: Array<{ id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, root: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } } | null };

export type RoomThreadsQueryVariables = Exact<{
  id: string;
  orderBy?: ThreadOrder | null | undefined;
  first?: number | null | undefined;
  after?: string | null | undefined;
}>;


export type RoomThreadsQuery = { room: { threads: { nodes: Array<{ id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, root: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type ThreadRootsQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type ThreadRootsQuery = { nodes: Array<
    | { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, root: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string } }
    | Record<PropertyKey, never>
   | null> };

export type ThreadsOfQueryVariables = Exact<{
  ids: Array<string> | string;
}>;


export type ThreadsOfQuery = { nodes: Array<
    | { id: string, thread: { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string }, root: { id: string } | null } | null }
    | Record<PropertyKey, never>
   | null> };

export type FollowThreadsSubscriptionVariables = Exact<{
  after?: string | null | undefined;
}>;


export type FollowThreadsSubscription = { inbox:
    | { __typename: 'AccountEventUnavailable', cursor: string }
    | { __typename: 'AuthExpiring' }
    | { __typename: 'BlockChanged', cursor: string }
    | { __typename: 'DraftChanged', cursor: string }
    | { __typename: 'EventUnavailable', cursor: string, roomSeq: number }
    | { __typename: 'Heartbeat', cursor: string }
    | { __typename: 'JoinRequestChanged', cursor: string }
    | { __typename: 'JoinRequestsChanged', cursor: string, roomSeq: number }
    | { __typename: 'LiveLocationEnded', cursor: string, roomSeq: number }
    | { __typename: 'MemberJoined', cursor: string, roomSeq: number }
    | { __typename: 'MemberLeft', cursor: string, roomSeq: number, room: { id: string }, user: { id: string } }
    | { __typename: 'MemberTimedOut', cursor: string, roomSeq: number }
    | { __typename: 'MemberUpdated', cursor: string, roomSeq: number }
    | { __typename: 'MessageCreated', cursor: string, roomSeq: number, message: { threadSeq: number | null, isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, thread: { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string }, root: { id: string } | null } | null, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } } }
    | { __typename: 'MessageDeleted', cursor: string, roomSeq: number, message: { threadSeq: number | null, isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, thread: { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string }, root: { id: string } | null } | null, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } } }
    | { __typename: 'MessageEdited', cursor: string, roomSeq: number, message: { threadSeq: number | null, isPinned: boolean, id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, thread: { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string }, root: { id: string } | null } | null, metadata: Array<{ key: string, value: { text: string | null, number: number | null, isTrue: boolean | null } }>, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null, reactions: Array<{ emoji: string, count: number, viewerHasReacted: boolean | null }>, replyTo: { id: string, seq: number | null, version: number, text: string | null, sentAt: string, editedAt: string | null, deletedAt: string | null, expiresAt: string | null, idempotencyKey: string, author: { id: string, username: string, displayName: string, isDeleted: boolean } } | null, quote: { __typename: 'Quote' } | null, forward: { sentAt: string } | null, author: { id: string, username: string, displayName: string, isDeleted: boolean } } }
    | { __typename: 'MessagePinned', cursor: string, roomSeq: number, message: { id: string, isPinned: boolean } }
    | { __typename: 'MessageUnpinned', cursor: string, roomSeq: number, message: { id: string, isPinned: boolean } }
    | { __typename: 'PermissionsChanged', cursor: string, roomSeq: number }
    | { __typename: 'PollUpdated', cursor: string, roomSeq: number, message: { id: string }, poll: { maxChoices: number, isAnonymous: boolean, resultsVisibility: PollResultsVisibility, closesAt: string | null, closedAt: string | null, voterCount: number, viewerVotes: Array<string> | null, options: Array<{ id: string, text: string, count: number | null }> } | null }
    | { __typename: 'ReactionsChanged', cursor: string, roomSeq: number, message: { id: string }, reactionGroup: { emoji: string, count: number, viewerHasReacted: boolean | null } }
    | { __typename: 'ReadStateChanged', cursor: string }
    | { __typename: 'ResyncRequired' }
    | { __typename: 'RoomAccessGranted', cursor: string }
    | { __typename: 'RoomAccessLost', cursor: string, roomId: string }
    | { __typename: 'RoomArchived', cursor: string, roomSeq: number }
    | { __typename: 'RoomCreated', cursor: string, roomSeq: number }
    | { __typename: 'RoomDeleted', cursor: string, roomSeq: number, room: { id: string } }
    | { __typename: 'RoomPreferencesChanged', cursor: string }
    | { __typename: 'RoomSettingsChanged', cursor: string, roomSeq: number }
    | { __typename: 'RoomUpdated', cursor: string, roomSeq: number }
    | { __typename: 'SavedMessageChanged', cursor: string }
    | { __typename: 'StreamClosed' }
    | { __typename: 'StreamReady', cursor: string }
    | { __typename: 'ThreadStateChanged', cursor: string, thread: { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string }, root: { id: string } | null } }
    | { __typename: 'ThreadUpdated', cursor: string, roomSeq: number, thread: { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string }, root: { id: string } | null } }
   };

export type FollowThreadMutationVariables = Exact<{
  input: FollowThreadInput;
}>;


export type FollowThreadMutation = { followThread:
    | { __typename: 'FollowThreadSuccess', thread: { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string }, root: { id: string } | null } }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type UnfollowThreadMutationVariables = Exact<{
  input: UnfollowThreadInput;
}>;


export type UnfollowThreadMutation = { unfollowThread:
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnfollowThreadSuccess', thread: { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string }, root: { id: string } | null } }
   | null };

export type ReadThreadMutationVariables = Exact<{
  input: MarkThreadReadInput;
}>;


export type ReadThreadMutation = { markThreadRead:
    | { __typename: 'MarkThreadReadSuccess', thread: { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string }, root: { id: string } | null } }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type UnreadThreadMutationVariables = Exact<{
  input: MarkThreadUnreadInput;
}>;


export type UnreadThreadMutation = { markThreadUnread:
    | { __typename: 'MarkThreadUnreadSuccess', thread: { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string }, root: { id: string } | null } }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };

export type RenameThreadMutationVariables = Exact<{
  input: RenameThreadInput;
}>;


export type RenameThreadMutation = { renameThread:
    | { __typename: 'ConflictError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'NotFoundError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'PermissionDeniedError', code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RateLimitedError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'RenameThreadSuccess', thread: { id: string, title: string | null, replyCount: number, lastThreadSeq: number, lastReplyAt: string, participantCount: number, viewerIsFollowing: boolean | null, viewerReadSeq: number | null, viewerUnreadCount: number | null, viewerUnreadMentionCount: number | null, participants: Array<{ id: string, username: string, displayName: string, isDeleted: boolean }>, room: { id: string }, root: { id: string } | null } }
    | { __typename: 'UnavailableError', retryAfterMs: number, code: ErrorCode, detail: string, path: Array<string> | null }
    | { __typename: 'ValidationError', code: ErrorCode, detail: string, path: Array<string> | null }
   | null };


/** A document as text, with the types of its answer and its variables. */
export type TypedText<Data, Variables> = string & { readonly __types?: (variables: Variables) => Data };

/** A call that is marked as pure: bundlers leave out what nothing imports. */
const text = (...parts: readonly string[]): string => parts.join('');

/** Mutations are all alike, and there are many: what differs is enough. The operation has the name of the mutation. */
const mutation = (type: string, success: string, ...fragments: readonly string[]): string => {
  const field = type.charAt(0).toLowerCase() + type.slice(1);
  const selection = success && `...on ${type}Success{${success}}`;
  return text(`mutation ${type}($input:${type}Input!){${field}(input:$input){__typename ${selection}...Refused}}`, ...fragments);
};

const DeviceFields = `fragment DeviceFields on Session{id deviceName userAgent createdAt lastUsedAt isCurrent}`;
const AccountFields = `fragment AccountFields on Viewer{email isEmailVerified newEmail}`;
const DraftParts = `fragment DraftParts on Draft{room{id}threadRootId text quotedMessage{id}idempotencyKey version updatedAt}`;
const EmojiParts = `fragment EmojiParts on CustomEmoji{id name}`;
const FactorFields = `fragment FactorFields on Viewer{totpEnabledAt recoveryCodesLeft}`;
const ForwardParts = `fragment ForwardParts on Forward{state sentAt origin{id seq thread{root{id}}text author{...FoldPerson}room{id title}}}`;
const FoldPerson = `fragment FoldPerson on User{id username displayName isDeleted}`;
const FoldMember = `fragment FoldMember on RoomMembership{id role joinedAt readSeq deliveredSeq user{...FoldPerson}}`;
const FoldQuote = `fragment FoldQuote on Message{id seq version text sentAt editedAt deletedAt expiresAt idempotencyKey author{...FoldPerson}}`;
const FoldReactions = `fragment FoldReactions on ReactionGroup{emoji count viewerHasReacted}`;
const FoldPoll = `fragment FoldPoll on Poll{options{id text count}maxChoices isAnonymous resultsVisibility closesAt closedAt voterCount viewerVotes}`;
const FoldMessage = `fragment FoldMessage on Message{...FoldQuote isPinned metadata{key value{text number isTrue}}poll{...FoldPoll}reactions{...FoldReactions}replyTo{...FoldQuote}quote{__typename}forward{sentAt}}`;
const FoldFacts = `fragment FoldFacts on Room{id kind name description isArchived messageLifetimeSeconds memberCount lastRoomSeq lastMessageSeq viewerPermissions viewerCanSend viewerCannotSendReasons viewerReadSeq viewerUnreadCount viewerUnreadMentionCount viewerIsPinned viewerIsHidden viewerMutedUntil viewerFolder viewerSharesReceipts}`;
const FoldRoom = `fragment FoldRoom on Room{...FoldFacts viewerMembership{...FoldMember}members(first:$members){nodes{...FoldMember}}messages(last:$messages){nodes{...FoldMessage}}}`;
const FoldRoomEvent = `fragment FoldRoomEvent on RoomEvent{cursor roomSeq occurredAt room{...FoldFacts}...on MessageCreated{message{...FoldMessage}}...on MessageEdited{message{...FoldMessage}}...on MessageDeleted{message{...FoldMessage}}...on ReactionsChanged{message{id}reactionGroup{...FoldReactions}}...on PollUpdated{message{id}poll{...FoldPoll}}...on MessagePinned{message{id isPinned}}...on MessageUnpinned{message{id isPinned}}...on MemberJoined{membership{...FoldMember}}...on MemberUpdated{membership{...FoldMember}}...on MemberLeft{user{...FoldPerson}}}`;
const FoldInboxItem = `fragment FoldInboxItem on InboxEvent{__typename ...FoldRoomEvent ...on AccountEvent{cursor accountSeq}...on RoomAccessGranted{roomSeq room{...FoldFacts}}...on RoomAccessLost{roomId}...on ReadStateChanged{room{id viewerReadSeq viewerUnreadCount viewerUnreadMentionCount viewerIsPinned viewerIsHidden viewerMutedUntil viewerFolder viewerSharesReceipts}}...on RoomPreferencesChanged{room{id viewerReadSeq viewerUnreadCount viewerUnreadMentionCount viewerIsPinned viewerIsHidden viewerMutedUntil viewerFolder viewerSharesReceipts}}...on SavedMessageChanged{messageId}...on DraftChanged{roomId}...on StreamReady{cursor}...on Heartbeat{cursor}...on AuthExpiring{expiresAt}...on ResyncRequired{resyncReason}...on StreamClosed{closeReason retryable retryAfterMs}}`;
const RequestFields = `fragment RequestFields on JoinRequest{id text createdAt user{...FoldPerson}room{id name}}`;
const LocationParts = `fragment LocationParts on Location{latitude longitude accuracyMeters label live{endsAt endedAt isActive position{latitude longitude accuracyMeters heading speedMetersPerSecond at}}}`;
const Located = `fragment Located on Message{id location{...LocationParts}}`;
const BanFields = `fragment BanFields on RoomBan{user{...FoldPerson}bannedBy{...FoldPerson}reason createdAt expiresAt}`;
const AuditFields = `fragment AuditFields on AuditEntry{auditSeq action actor{...FoldPerson}target{...FoldPerson}targetRole messageId changes{field before after}reason occurredAt}`;
const Refused = `fragment Refused on UserError{code detail path ...on RateLimitedError{retryAfterMs}...on UnavailableError{retryAfterMs}}`;
const NewTokens = `fragment NewTokens on SessionTokens{accessToken accessTokenExpiresAt refreshToken}`;
const InviteFields = `fragment InviteFields on Invite{id role createdAt expiresAt maxUses useCount isOpen createdBy{...FoldPerson}}`;
const PasskeyFields = `fragment PasskeyFields on Passkey{id name isSynced createdAt lastUsedAt}`;
const OverrideFields = `fragment OverrideFields on RoomPermissionOverride{role user{...FoldPerson}allowed denied}`;
const BlockedFields = `fragment BlockedFields on BlockedUser{blockedAt user{...FoldPerson}}`;
const PrivacyFields = `fragment PrivacyFields on Viewer{sharesReceipts directMessagesFrom addableBy}`;
const SettingsFields = `fragment SettingsFields on RoomSettings{version slowModeSeconds posting joinPolicy}`;
const IdentityFields = `fragment IdentityFields on Identity{issuer displayName subject email createdAt lastUsedAt}`;
const ThreadParts = `fragment ThreadParts on Thread{id title replyCount lastThreadSeq lastReplyAt participantCount participants{...FoldPerson}room{id}root{id}viewerIsFollowing viewerReadSeq viewerUnreadCount viewerUnreadMentionCount}`;
const ThreadReply = `fragment ThreadReply on Message{...FoldMessage threadSeq}`;
const ListedThread = `fragment ListedThread on Thread{...ThreadParts root{...FoldQuote}}`;
export const DevicesDocument: TypedText<DevicesQuery, DevicesQueryVariables> = /* @__PURE__ */ text(`query Devices($after:String){viewer{sessions(first:100 after:$after){nodes{...DeviceFields}pageInfo{hasNextPage endCursor}}}}`, DeviceFields);
export const EndDeviceDocument: TypedText<EndDeviceMutation, EndDeviceMutationVariables> = /* @__PURE__ */ mutation('RevokeSession', '', Refused);
export const EndDevicesDocument: TypedText<EndDevicesMutation, EndDevicesMutationVariables> = /* @__PURE__ */ mutation('LogoutAllSessions', 'endedCount', Refused);
export const NewPasswordDocument: TypedText<NewPasswordMutation, NewPasswordMutationVariables> = /* @__PURE__ */ mutation('ChangePassword', '', Refused);
export const AccountDocument: TypedText<AccountQuery, AccountQueryVariables> = /* @__PURE__ */ text(`query Account{viewer{...AccountFields}serverInfo{sendsMail}}`, AccountFields);
export const MailOfServerDocument: TypedText<MailOfServerQuery, MailOfServerQueryVariables> = /* @__PURE__ */ text(`query MailOfServer{serverInfo{sendsMail}}`);
export const AskForVerificationDocument: TypedText<AskForVerificationMutation, AskForVerificationMutationVariables> = /* @__PURE__ */ text(`mutation AskForVerification{requestEmailVerification{__typename ...on RequestEmailVerificationSuccess{email}...Refused}}`, Refused);
export const VerifyDocument: TypedText<VerifyMutation, VerifyMutationVariables> = /* @__PURE__ */ mutation('VerifyEmail', 'email', Refused);
export const NewEmailDocument: TypedText<NewEmailMutation, NewEmailMutationVariables> = /* @__PURE__ */ mutation('ChangeEmail', 'viewer{...AccountFields}', AccountFields, Refused);
export const AskForResetDocument: TypedText<AskForResetMutation, AskForResetMutationVariables> = /* @__PURE__ */ mutation('RequestPasswordReset', '', Refused);
export const ResetDocument: TypedText<ResetMutation, ResetMutationVariables> = /* @__PURE__ */ mutation('ResetPassword', 'username', Refused);
export const DeleteAccountDocument: TypedText<DeleteAccountMutation, DeleteAccountMutationVariables> = /* @__PURE__ */ mutation('DeleteAccount', '', Refused);
export const SaveDraftDocument: TypedText<SaveDraftMutation, SaveDraftMutationVariables> = /* @__PURE__ */ mutation('SaveDraft', 'accountSeq draft{version idempotencyKey}', Refused);
export const DeleteDraftDocument: TypedText<DeleteDraftMutation, DeleteDraftMutationVariables> = /* @__PURE__ */ mutation('DeleteDraft', 'accountSeq', Refused);
export const DraftsDocument: TypedText<DraftsQuery, DraftsQueryVariables> = /* @__PURE__ */ text(`query Drafts($after:String){viewer{drafts(first:100 after:$after){nodes{...DraftParts}pageInfo{hasNextPage endCursor}}}}`, DraftParts);
export const ServerEmojisDocument: TypedText<ServerEmojisQuery, ServerEmojisQueryVariables> = /* @__PURE__ */ text(`query ServerEmojis($after:String){emojis(first:100 after:$after){nodes{...EmojiParts}pageInfo{hasNextPage endCursor}}}`, EmojiParts);
export const MayManageEmojisDocument: TypedText<MayManageEmojisQuery, MayManageEmojisQueryVariables> = /* @__PURE__ */ text(`query MayManageEmojis{viewer{canManageEmojis}}`);
export const MakeEmojiDocument: TypedText<MakeEmojiMutation, MakeEmojiMutationVariables> = /* @__PURE__ */ mutation('CreateEmoji', '', Refused);
export const RemoveEmojiDocument: TypedText<RemoveEmojiMutation, RemoveEmojiMutationVariables> = /* @__PURE__ */ mutation('DeleteEmoji', '', Refused);
export const SignInOrStepDocument: TypedText<SignInOrStepMutation, SignInOrStepMutationVariables> = /* @__PURE__ */ mutation('Login', 'tokens{...NewTokens}viewer{user{id}}}...on SecondFactorRequiredError{challenge expiresAt methods', NewTokens, Refused);
export const CompleteSignInDocument: TypedText<CompleteSignInMutation, CompleteSignInMutationVariables> = /* @__PURE__ */ mutation('CompleteLogin', 'tokens{...NewTokens}viewer{user{id}}', NewTokens, Refused);
export const FactorsDocument: TypedText<FactorsQuery, FactorsQueryVariables> = /* @__PURE__ */ text(`query Factors{viewer{...FactorFields}}`, FactorFields);
export const SetUpAppDocument: TypedText<SetUpAppMutation, SetUpAppMutationVariables> = /* @__PURE__ */ mutation('BeginTotp', 'secret uri expiresAt', Refused);
export const ConfirmAppDocument: TypedText<ConfirmAppMutation, ConfirmAppMutationVariables> = /* @__PURE__ */ mutation('ConfirmTotp', 'recoveryCodes', Refused);
export const RemoveAppDocument: TypedText<RemoveAppMutation, RemoveAppMutationVariables> = /* @__PURE__ */ mutation('DisableTotp', '', Refused);
export const NewRecoveryCodesDocument: TypedText<NewRecoveryCodesMutation, NewRecoveryCodesMutationVariables> = /* @__PURE__ */ mutation('RegenerateRecoveryCodes', 'recoveryCodes', Refused);
export const ForwardDocument: TypedText<ForwardMutation, ForwardMutationVariables> = /* @__PURE__ */ mutation('ForwardMessage', 'message{id}', Refused);
export const OriginsDocument: TypedText<OriginsQuery, OriginsQueryVariables> = /* @__PURE__ */ text(`query Origins($ids:[ID!]!){nodes(ids:$ids){...on Message{id forward{...ForwardParts}}}}`, ForwardParts, FoldPerson);
export const InboxSnapshotDocument: TypedText<InboxSnapshotQuery, InboxSnapshotQueryVariables> = /* @__PURE__ */ text(`query InboxSnapshot($after:String$rooms:Int=4$members:Int=20$messages:Int=20){viewer{inboxCursor user{...FoldPerson}rooms(first:$rooms after:$after){nodes{...FoldRoom}pageInfo{hasNextPage endCursor}}}}`, FoldPerson, FoldRoom, FoldFacts, FoldMember, FoldMessage, FoldQuote, FoldPoll, FoldReactions);
export const RoomSnapshotDocument: TypedText<RoomSnapshotQuery, RoomSnapshotQueryVariables> = /* @__PURE__ */ text(`query RoomSnapshot($id:ID!$members:Int=50$messages:Int=50){room(id:$id){cursor ...FoldRoom}}`, FoldRoom, FoldFacts, FoldMember, FoldPerson, FoldMessage, FoldQuote, FoldPoll, FoldReactions);
export const FollowInboxDocument: TypedText<FollowInboxSubscription, FollowInboxSubscriptionVariables> = /* @__PURE__ */ text(`subscription FollowInbox($after:Cursor){inbox(after:$after){...FoldInboxItem}}`, FoldInboxItem, FoldRoomEvent, FoldFacts, FoldMessage, FoldQuote, FoldPerson, FoldPoll, FoldReactions, FoldMember);
export const InboxPageDocument: TypedText<InboxPageQuery, InboxPageQueryVariables> = /* @__PURE__ */ text(`query InboxPage($after:String$first:Int=50){inboxEvents(after:$after first:$first){nodes{...FoldInboxItem}pageInfo{hasNextPage endCursor}}}`, FoldInboxItem, FoldRoomEvent, FoldFacts, FoldMessage, FoldQuote, FoldPerson, FoldPoll, FoldReactions, FoldMember);
export const FollowRoomDocument: TypedText<FollowRoomSubscription, FollowRoomSubscriptionVariables> = /* @__PURE__ */ text(`subscription FollowRoom($id:ID!$after:Cursor){room(id:$id after:$after){__typename ...FoldRoomEvent ...on StreamReady{cursor}...on Heartbeat{cursor}...on AuthExpiring{expiresAt}...on ResyncRequired{resyncReason}...on StreamClosed{closeReason retryable retryAfterMs}}}`, FoldRoomEvent, FoldFacts, FoldMessage, FoldQuote, FoldPerson, FoldPoll, FoldReactions, FoldMember);
export const FollowRequestsDocument: TypedText<FollowRequestsSubscription, FollowRequestsSubscriptionVariables> = /* @__PURE__ */ text(`subscription FollowRequests($id:ID!$after:Cursor){room(id:$id after:$after){__typename ...on JoinRequestsChanged{joinRequestCount}}}`);
export const FollowAnswersDocument: TypedText<FollowAnswersSubscription, FollowAnswersSubscriptionVariables> = /* @__PURE__ */ text(`subscription FollowAnswers($after:Cursor){inbox(after:$after){__typename ...on JoinRequestChanged{requestState room{id name}}}}`);
export const RoomRequestsDocument: TypedText<RoomRequestsQuery, RoomRequestsQueryVariables> = /* @__PURE__ */ text(`query RoomRequests($id:ID!$after:String){room(id:$id){joinRequests(first:50 after:$after){nodes{...RequestFields}pageInfo{hasNextPage endCursor}}}}`, RequestFields, FoldPerson);
export const OwnRequestsDocument: TypedText<OwnRequestsQuery, OwnRequestsQueryVariables> = /* @__PURE__ */ text(`query OwnRequests{viewer{joinRequests{...RequestFields}}}`, RequestFields, FoldPerson);
export const PoliciesOfDocument: TypedText<PoliciesOfQuery, PoliciesOfQueryVariables> = /* @__PURE__ */ text(`query PoliciesOf($ids:[ID!]!){nodes(ids:$ids){...on Room{id joinPolicy}}}`);
export const AskToJoinDocument: TypedText<AskToJoinMutation, AskToJoinMutationVariables> = /* @__PURE__ */ mutation('RequestToJoin', 'request{...RequestFields}', RequestFields, FoldPerson, Refused);
export const TakeBackDocument: TypedText<TakeBackMutation, TakeBackMutationVariables> = /* @__PURE__ */ mutation('CancelJoinRequest', '', Refused);
export const AnswerRequestDocument: TypedText<AnswerRequestMutation, AnswerRequestMutationVariables> = /* @__PURE__ */ mutation('AnswerJoinRequest', '', Refused);
export const FollowLiveDocument: TypedText<FollowLiveSubscription, FollowLiveSubscriptionVariables> = /* @__PURE__ */ text(`subscription FollowLive($id:ID!){room(id:$id include:[TYPING RECEIPTS]){__typename ...on TypingChanged{users{...FoldPerson}}...on ReceiptsChanged{markers{readSeq deliveredSeq user{...FoldPerson}}}...on ResyncRequired{resyncReason}...on StreamClosed{closeReason retryable retryAfterMs}}}`, FoldPerson);
export const ReceiptCountsDocument: TypedText<ReceiptCountsQuery, ReceiptCountsQueryVariables> = /* @__PURE__ */ text(`query ReceiptCounts($ids:[ID!]!){nodes(ids:$ids){...on Message{id receipts{memberCount deliveredCount readCount}}}}`);
export const SetTypingDocument: TypedText<SetTypingMutation, SetTypingMutationVariables> = /* @__PURE__ */ mutation('SetTyping', '', Refused);
export const AckDeliveredDocument: TypedText<AckDeliveredMutation, AckDeliveredMutationVariables> = /* @__PURE__ */ mutation('AckDelivered', '', Refused);
export const PrivacyDocument: TypedText<PrivacyQuery, PrivacyQueryVariables> = /* @__PURE__ */ text(`query Privacy{viewer{sharesReceipts}}`);
export const SetPrivacyDocument: TypedText<SetPrivacyMutation, SetPrivacyMutationVariables> = /* @__PURE__ */ mutation('UpdatePrivacy', '', Refused);
export const LocationsOfDocument: TypedText<LocationsOfQuery, LocationsOfQueryVariables> = /* @__PURE__ */ text(`query LocationsOf($ids:[ID!]!){nodes(ids:$ids){...Located}}`, Located, LocationParts);
export const FollowLocationsDocument: TypedText<FollowLocationsSubscription, FollowLocationsSubscriptionVariables> = /* @__PURE__ */ text(`subscription FollowLocations($id:ID!$after:Cursor){room(id:$id after:$after include:[LOCATIONS]){__typename ...on MessageCreated{message{...Located}}...on MessageDeleted{message{...Located}}...on LiveLocationEnded{message{...Located}}...on LiveLocationsChanged{locations{messageId location{...LocationParts}}}}}`, Located, LocationParts);
export const ShareLocationDocument: TypedText<ShareLocationMutation, ShareLocationMutationVariables> = /* @__PURE__ */ mutation('SendMessage', 'message{id}', Refused);
export const MoveLocationDocument: TypedText<MoveLocationMutation, MoveLocationMutationVariables> = /* @__PURE__ */ mutation('MoveLiveLocation', '', Refused);
export const StopLocationDocument: TypedText<StopLocationMutation, StopLocationMutationVariables> = /* @__PURE__ */ mutation('StopLiveLocation', '', Refused);
export const EditMetadataDocument: TypedText<EditMetadataMutation, EditMetadataMutationVariables> = /* @__PURE__ */ mutation('EditMessage', '', Refused);
export const FollowModerationDocument: TypedText<FollowModerationSubscription, FollowModerationSubscriptionVariables> = /* @__PURE__ */ text(`subscription FollowModeration($id:ID!$after:Cursor){room(id:$id after:$after){__typename ...on MemberTimedOut{occurredAt actor{...FoldPerson}user{...FoldPerson}until}}}`, FoldPerson);
export const MemberTimeoutsDocument: TypedText<MemberTimeoutsQuery, MemberTimeoutsQueryVariables> = /* @__PURE__ */ text(`query MemberTimeouts($id:ID!$after:String){room(id:$id){members(first:100 after:$after){nodes{user{id}timeoutUntil}pageInfo{hasNextPage endCursor}}}}`);
export const TimeOutDocument: TypedText<TimeOutMutation, TimeOutMutationVariables> = /* @__PURE__ */ mutation('TimeoutMember', 'membership{timeoutUntil}', Refused);
export const DismissDocument: TypedText<DismissMutation, DismissMutationVariables> = /* @__PURE__ */ mutation('RemoveMember', '', Refused);
export const RoomBansDocument: TypedText<RoomBansQuery, RoomBansQueryVariables> = /* @__PURE__ */ text(`query RoomBans($id:ID!$after:String){room(id:$id){bans(first:100 after:$after){nodes{...BanFields}pageInfo{hasNextPage endCursor}}}}`, BanFields, FoldPerson);
export const BanDocument: TypedText<BanMutation, BanMutationVariables> = /* @__PURE__ */ mutation('BanUser', 'ban{...BanFields}', BanFields, FoldPerson, Refused);
export const UnbanDocument: TypedText<UnbanMutation, UnbanMutationVariables> = /* @__PURE__ */ mutation('UnbanUser', '', Refused);
export const DeleteTextsDocument: TypedText<DeleteTextsMutation, DeleteTextsMutationVariables> = /* @__PURE__ */ mutation('DeleteMessages', 'refused{messageId code detail}', Refused);
export const AuditPageDocument: TypedText<AuditPageQuery, AuditPageQueryVariables> = /* @__PURE__ */ text(`query AuditPage($id:ID!$first:Int$after:String$filter:AuditLogFilter){room(id:$id){auditLog(first:$first after:$after filter:$filter){nodes{...AuditFields}pageInfo{hasNextPage endCursor}}}}`, AuditFields, FoldPerson);
export const SignUpDocument: TypedText<SignUpMutation, SignUpMutationVariables> = /* @__PURE__ */ mutation('Register', 'tokens{...NewTokens}viewer{user{id}}', NewTokens, Refused);
export const SignInDocument: TypedText<SignInMutation, SignInMutationVariables> = /* @__PURE__ */ mutation('Login', 'tokens{...NewTokens}viewer{user{id}}', NewTokens, Refused);
export const SignOutDocument: TypedText<SignOutMutation, SignOutMutationVariables> = /* @__PURE__ */ text(`mutation SignOut{logout{__typename ...Refused}}`, Refused);
export const RenewSessionDocument: TypedText<RenewSessionMutation, RenewSessionMutationVariables> = /* @__PURE__ */ mutation('RefreshSession', 'tokens{...NewTokens}', NewTokens, Refused);
export const SwapStreamTokenDocument: TypedText<SwapStreamTokenMutation, SwapStreamTokenMutationVariables> = /* @__PURE__ */ mutation('RefreshStreamAuth', '', Refused);
export const SendTextDocument: TypedText<SendTextMutation, SendTextMutationVariables> = /* @__PURE__ */ mutation('SendMessage', 'roomSeq', Refused);
export const EditTextDocument: TypedText<EditTextMutation, EditTextMutationVariables> = /* @__PURE__ */ mutation('EditMessage', 'roomSeq', Refused);
export const DeleteTextDocument: TypedText<DeleteTextMutation, DeleteTextMutationVariables> = /* @__PURE__ */ mutation('DeleteMessage', 'roomSeq', Refused);
export const AddReactionDocument: TypedText<AddReactionMutation, AddReactionMutationVariables> = /* @__PURE__ */ mutation('AddReaction', 'roomSeq', Refused);
export const RemoveReactionDocument: TypedText<RemoveReactionMutation, RemoveReactionMutationVariables> = /* @__PURE__ */ mutation('RemoveReaction', 'roomSeq', Refused);
export const MakeRoomDocument: TypedText<MakeRoomMutation, MakeRoomMutationVariables> = /* @__PURE__ */ mutation('CreateRoom', 'room{id}roomSeq', Refused);
export const EnterRoomDocument: TypedText<EnterRoomMutation, EnterRoomMutationVariables> = /* @__PURE__ */ mutation('JoinRoom', 'room{id}roomSeq', Refused);
export const QuitRoomDocument: TypedText<QuitRoomMutation, QuitRoomMutationVariables> = /* @__PURE__ */ mutation('LeaveRoom', 'roomSeq', Refused);
export const InviteMembersDocument: TypedText<InviteMembersMutation, InviteMembersMutationVariables> = /* @__PURE__ */ mutation('AddMembers', 'roomSeq', Refused);
export const TalkToDocument: TypedText<TalkToMutation, TalkToMutationVariables> = /* @__PURE__ */ mutation('OpenDirectRoom', 'room{id}roomSeq', Refused);
export const DirectoryDocument: TypedText<DirectoryQuery, DirectoryQueryVariables> = /* @__PURE__ */ text(`query Directory($query:String$first:Int=20$after:String){rooms(query:$query first:$first after:$after){nodes{id name description memberCount viewerMembership{id}}pageInfo{hasNextPage endCursor}}}`);
export const FindPersonDocument: TypedText<FindPersonQuery, FindPersonQueryVariables> = /* @__PURE__ */ text(`query FindPerson($username:String!){userByName(username:$username){...FoldPerson}}`, FoldPerson);
export const TimelineDocument: TypedText<TimelineQuery, TimelineQueryVariables> = /* @__PURE__ */ text(`query Timeline($id:ID!$around:MessageAnchor!$before:Int$after:Int){room(id:$id){lastMessageSeq messages(around:$around first:$after last:$before){nodes{...FoldMessage}}}}`, FoldMessage, FoldQuote, FoldPerson, FoldPoll, FoldReactions);
export const MemberListDocument: TypedText<MemberListQuery, MemberListQueryVariables> = /* @__PURE__ */ text(`query MemberList($id:ID!$after:String){room(id:$id){lastRoomSeq members(first:100 after:$after){nodes{...FoldMember}pageInfo{hasNextPage endCursor}}}}`, FoldMember, FoldPerson);
export const LogEndsDocument: TypedText<LogEndsQuery, LogEndsQueryVariables> = /* @__PURE__ */ text(`query LogEnds($after:String){viewer{rooms(first:100 after:$after){nodes{id lastRoomSeq}pageInfo{hasNextPage endCursor}}}}`);
export const ReadDocument: TypedText<ReadMutation, ReadMutationVariables> = /* @__PURE__ */ mutation('MarkRead', '', Refused);
export const UnreadDocument: TypedText<UnreadMutation, UnreadMutationVariables> = /* @__PURE__ */ mutation('MarkUnread', '', Refused);
export const ReadAllDocument: TypedText<ReadAllMutation, ReadAllMutationVariables> = /* @__PURE__ */ text(`mutation ReadAll{markAllRead{__typename ...Refused}}`, Refused);
export const PreferDocument: TypedText<PreferMutation, PreferMutationVariables> = /* @__PURE__ */ mutation('UpdateRoomPreferences', '', Refused);
export const PinDocument: TypedText<PinMutation, PinMutationVariables> = /* @__PURE__ */ mutation('PinMessage', '', Refused);
export const UnpinDocument: TypedText<UnpinMutation, UnpinMutationVariables> = /* @__PURE__ */ mutation('UnpinMessage', '', Refused);
export const PinnedMessagesDocument: TypedText<PinnedMessagesQuery, PinnedMessagesQueryVariables> = /* @__PURE__ */ text(`query PinnedMessages($id:ID!){room(id:$id){pinnedMessages(first:100){nodes{id seq text sentAt pinnedAt thread{root{id}}author{...FoldPerson}pinnedBy{...FoldPerson}}}}}`, FoldPerson);
export const SaveDocument: TypedText<SaveMutation, SaveMutationVariables> = /* @__PURE__ */ mutation('SaveMessage', '', Refused);
export const UnsaveDocument: TypedText<UnsaveMutation, UnsaveMutationVariables> = /* @__PURE__ */ mutation('UnsaveMessage', '', Refused);
export const SavedMessagesDocument: TypedText<SavedMessagesQuery, SavedMessagesQueryVariables> = /* @__PURE__ */ text(`query SavedMessages($after:String){viewer{savedMessages(first:100 after:$after){nodes{messageId savedAt message{seq text sentAt thread{root{id}}author{...FoldPerson}room{id title}}}pageInfo{hasNextPage endCursor}}}}`, FoldPerson);
export const CreatePollDocument: TypedText<CreatePollMutation, CreatePollMutationVariables> = /* @__PURE__ */ mutation('CreatePoll', 'message{id}', Refused);
export const VotePollDocument: TypedText<VotePollMutation, VotePollMutationVariables> = /* @__PURE__ */ mutation('VotePoll', '', Refused);
export const ClosePollDocument: TypedText<ClosePollMutation, ClosePollMutationVariables> = /* @__PURE__ */ mutation('ClosePoll', '', Refused);
export const LookAtInviteDocument: TypedText<LookAtInviteQuery, LookAtInviteQueryVariables> = /* @__PURE__ */ text(`query LookAtInvite($code:String!){invite(code:$code){roomName memberCount role invitedBy}serverInfo{allowsGuests}}`);
export const GuestsAllowedDocument: TypedText<GuestsAllowedQuery, GuestsAllowedQueryVariables> = /* @__PURE__ */ text(`query GuestsAllowed{serverInfo{allowsGuests}}`);
export const EnterAsGuestDocument: TypedText<EnterAsGuestMutation, EnterAsGuestMutationVariables> = /* @__PURE__ */ mutation('JoinAsGuest', 'tokens{...NewTokens}viewer{user{id}}room{id}', NewTokens, Refused);
export const AcceptLinkDocument: TypedText<AcceptLinkMutation, AcceptLinkMutationVariables> = /* @__PURE__ */ mutation('AcceptInvite', 'room{id}', Refused);
export const MakePermanentDocument: TypedText<MakePermanentMutation, MakePermanentMutationVariables> = /* @__PURE__ */ mutation('UpgradeGuest', '', Refused);
export const MakeLinkDocument: TypedText<MakeLinkMutation, MakeLinkMutationVariables> = /* @__PURE__ */ mutation('CreateInvite', 'inviteCode link invite{...InviteFields}', InviteFields, FoldPerson, Refused);
export const SetLifetimeDocument: TypedText<SetLifetimeMutation, SetLifetimeMutationVariables> = /* @__PURE__ */ mutation('UpdateRoom', '', Refused);
export const EndLinkDocument: TypedText<EndLinkMutation, EndLinkMutationVariables> = /* @__PURE__ */ mutation('RevokeInvite', '', Refused);
export const RoomInvitesDocument: TypedText<RoomInvitesQuery, RoomInvitesQueryVariables> = /* @__PURE__ */ text(`query RoomInvites($id:ID!){room(id:$id){invites(first:100){nodes{...InviteFields}}}}`, InviteFields, FoldPerson);
export const PasskeyDomainDocument: TypedText<PasskeyDomainQuery, PasskeyDomainQueryVariables> = /* @__PURE__ */ text(`query PasskeyDomain{serverInfo{passkeyDomain}}`);
export const PasskeysDocument: TypedText<PasskeysQuery, PasskeysQueryVariables> = /* @__PURE__ */ text(`query Passkeys{viewer{passkeys{...PasskeyFields}}}`, PasskeyFields);
export const MakePasskeyDocument: TypedText<MakePasskeyMutation, MakePasskeyMutationVariables> = /* @__PURE__ */ mutation('BeginPasskeyRegistration', 'options{challenge rp{id name}user{id name displayName}pubKeyCredParams{type alg}timeout excludeCredentials{type id transports}authenticatorSelection{residentKey requireResidentKey userVerification}attestation}', Refused);
export const StorePasskeyDocument: TypedText<StorePasskeyMutation, StorePasskeyMutationVariables> = /* @__PURE__ */ mutation('FinishPasskeyRegistration', 'passkey{...PasskeyFields}', PasskeyFields, Refused);
export const AskForPasskeyDocument: TypedText<AskForPasskeyMutation, AskForPasskeyMutationVariables> = /* @__PURE__ */ text(`mutation AskForPasskey{beginPasskeyLogin{__typename ...on BeginPasskeyLoginSuccess{options{challenge rpId timeout userVerification}}...Refused}}`, Refused);
export const SignInByPasskeyDocument: TypedText<SignInByPasskeyMutation, SignInByPasskeyMutationVariables> = /* @__PURE__ */ mutation('LoginWithPasskey', 'tokens{...NewTokens}viewer{user{id}}', NewTokens, Refused);
export const NamePasskeyDocument: TypedText<NamePasskeyMutation, NamePasskeyMutationVariables> = /* @__PURE__ */ mutation('RenamePasskey', '', Refused);
export const DropPasskeyDocument: TypedText<DropPasskeyMutation, DropPasskeyMutationVariables> = /* @__PURE__ */ mutation('DeletePasskey', '', Refused);
export const FollowPermissionsDocument: TypedText<FollowPermissionsSubscription, FollowPermissionsSubscriptionVariables> = /* @__PURE__ */ text(`subscription FollowPermissions($id:ID!$after:Cursor){room(id:$id after:$after){__typename ...on PermissionsChanged{occurredAt actor{...FoldPerson}override{...OverrideFields}}}}`, FoldPerson, OverrideFields);
export const RoomOverridesDocument: TypedText<RoomOverridesQuery, RoomOverridesQueryVariables> = /* @__PURE__ */ text(`query RoomOverrides($id:ID!$after:String){room(id:$id){permissionOverrides(first:50 after:$after){nodes{...OverrideFields}pageInfo{hasNextPage endCursor}}}}`, OverrideFields, FoldPerson);
export const ExplainPermissionDocument: TypedText<ExplainPermissionQuery, ExplainPermissionQueryVariables> = /* @__PURE__ */ text(`query ExplainPermission($roomId:ID!$userId:ID!$permission:RoomPermission!){explainPermission(roomId:$roomId userId:$userId permission:$permission){isAllowed steps{kind effect}}}`);
export const SetOverrideDocument: TypedText<SetOverrideMutation, SetOverrideMutationVariables> = /* @__PURE__ */ mutation('SetRoomPermissionOverride', 'override{...OverrideFields}', OverrideFields, FoldPerson, Refused);
export const BlockedDocument: TypedText<BlockedQuery, BlockedQueryVariables> = /* @__PURE__ */ text(`query Blocked($after:String){viewer{blockedUsers(first:100 after:$after){nodes{...BlockedFields}pageInfo{hasNextPage endCursor}}}}`, BlockedFields, FoldPerson);
export const FollowBlocksDocument: TypedText<FollowBlocksSubscription, FollowBlocksSubscriptionVariables> = /* @__PURE__ */ text(`subscription FollowBlocks($after:Cursor){inbox(after:$after){__typename ...on BlockChanged{isBlocked user{...FoldPerson}}}}`, FoldPerson);
export const BlockDocument: TypedText<BlockMutation, BlockMutationVariables> = /* @__PURE__ */ mutation('BlockUser', '', Refused);
export const UnblockDocument: TypedText<UnblockMutation, UnblockMutationVariables> = /* @__PURE__ */ mutation('UnblockUser', '', Refused);
export const PrivacySettingsDocument: TypedText<PrivacySettingsQuery, PrivacySettingsQueryVariables> = /* @__PURE__ */ text(`query PrivacySettings{viewer{...PrivacyFields}}`, PrivacyFields);
export const NewPrivacyDocument: TypedText<NewPrivacyMutation, NewPrivacyMutationVariables> = /* @__PURE__ */ mutation('UpdatePrivacy', 'viewer{...PrivacyFields}', PrivacyFields, Refused);
export const MessageRevisionsDocument: TypedText<MessageRevisionsQuery, MessageRevisionsQueryVariables> = /* @__PURE__ */ text(`query MessageRevisions($messageId:ID!$after:String){node(id:$messageId){...on Message{revisions(first:50 after:$after){nodes{version text replacedAt}pageInfo{hasNextPage endCursor}}}}}`);
export const FollowSettingsDocument: TypedText<FollowSettingsSubscription, FollowSettingsSubscriptionVariables> = /* @__PURE__ */ text(`subscription FollowSettings($id:ID!$after:Cursor){room(id:$id after:$after){__typename ...on RoomSettingsChanged{occurredAt actor{...FoldPerson}settings{...SettingsFields}}...on MessageCreated{sender:actor{id}}}}`, FoldPerson, SettingsFields);
export const ReadSettingsDocument: TypedText<ReadSettingsQuery, ReadSettingsQueryVariables> = /* @__PURE__ */ text(`query ReadSettings($id:ID!){room(id:$id){settings{...SettingsFields}viewerCanSendAt}}`, SettingsFields);
export const ChangeSettingsDocument: TypedText<ChangeSettingsMutation, ChangeSettingsMutationVariables> = /* @__PURE__ */ mutation('UpdateRoomSettings', 'settings{...SettingsFields}', SettingsFields, Refused);
export const EnterWithTokenDocument: TypedText<EnterWithTokenMutation, EnterWithTokenMutationVariables> = /* @__PURE__ */ mutation('LoginWithToken', 'isNew tokens{...NewTokens}viewer{user{id}}', NewTokens, Refused);
export const ProvidersDocument: TypedText<ProvidersQuery, ProvidersQueryVariables> = /* @__PURE__ */ text(`query Providers{serverInfo{signInProviders{name displayName}}}`);
export const BeginAtProviderDocument: TypedText<BeginAtProviderMutation, BeginAtProviderMutationVariables> = /* @__PURE__ */ mutation('BeginOidcLogin', 'url secret', Refused);
export const EnterFromProviderDocument: TypedText<EnterFromProviderMutation, EnterFromProviderMutationVariables> = /* @__PURE__ */ mutation('CompleteOidcLogin', 'isNew tokens{...NewTokens}viewer{user{id}}', NewTokens, Refused);
export const IdentitiesDocument: TypedText<IdentitiesQuery, IdentitiesQueryVariables> = /* @__PURE__ */ text(`query Identities{viewer{hasPassword totpEnabledAt identities{...IdentityFields}}}`, IdentityFields);
export const BeginLinkDocument: TypedText<BeginLinkMutation, BeginLinkMutationVariables> = /* @__PURE__ */ mutation('BeginIdentityLink', 'url secret', Refused);
export const LinkFromProviderDocument: TypedText<LinkFromProviderMutation, LinkFromProviderMutationVariables> = /* @__PURE__ */ mutation('LinkIdentity', '', Refused);
export const EndIdentityDocument: TypedText<EndIdentityMutation, EndIdentityMutationVariables> = /* @__PURE__ */ mutation('UnlinkIdentity', '', Refused);
export const OpenThreadDocument: TypedText<OpenThreadQuery, OpenThreadQueryVariables> = /* @__PURE__ */ text(`query OpenThread($messageId:ID!$last:Int=50$before:String){node(id:$messageId){...on Message{...ThreadReply thread{...ThreadParts replies(last:$last before:$before){nodes{...ThreadReply}pageInfo{hasPreviousPage startCursor}}}}}}`, ThreadReply, FoldMessage, FoldQuote, FoldPerson, FoldPoll, FoldReactions, ThreadParts);
export const ThreadsStartDocument: TypedText<ThreadsStartQuery, ThreadsStartQueryVariables> = /* @__PURE__ */ text(`query ThreadsStart{viewer{inboxCursor}}`);
export const MyThreadsDocument: TypedText<MyThreadsQuery, MyThreadsQueryVariables> = /* @__PURE__ */ text(`query MyThreads($filter:ThreadFilter$first:Int=30$after:String){viewer{threads(filter:$filter first:$first after:$after){nodes{...ListedThread}pageInfo{hasNextPage endCursor}}}}`, ListedThread, ThreadParts, FoldPerson, FoldQuote);
export const RoomThreadsDocument: TypedText<RoomThreadsQuery, RoomThreadsQueryVariables> = /* @__PURE__ */ text(`query RoomThreads($id:ID!$orderBy:ThreadOrder$first:Int=30$after:String){room(id:$id){threads(orderBy:$orderBy first:$first after:$after){nodes{...ListedThread}pageInfo{hasNextPage endCursor}}}}`, ListedThread, ThreadParts, FoldPerson, FoldQuote);
export const ThreadRootsDocument: TypedText<ThreadRootsQuery, ThreadRootsQueryVariables> = /* @__PURE__ */ text(`query ThreadRoots($ids:[ID!]!){nodes(ids:$ids){...on Thread{...ListedThread}}}`, ListedThread, ThreadParts, FoldPerson, FoldQuote);
export const ThreadsOfDocument: TypedText<ThreadsOfQuery, ThreadsOfQueryVariables> = /* @__PURE__ */ text(`query ThreadsOf($ids:[ID!]!){nodes(ids:$ids){...on Message{id thread{...ThreadParts}}}}`, ThreadParts, FoldPerson);
export const FollowThreadsDocument: TypedText<FollowThreadsSubscription, FollowThreadsSubscriptionVariables> = /* @__PURE__ */ text(`subscription FollowThreads($after:Cursor){inbox(after:$after){__typename ...on RoomEvent{cursor roomSeq}...on AccountEvent{cursor}...on MessageCreated{message{...ThreadReply thread{...ThreadParts}}}...on MessageEdited{message{...ThreadReply thread{...ThreadParts}}}...on MessageDeleted{message{...ThreadReply thread{...ThreadParts}}}...on PollUpdated{message{id}poll{...FoldPoll}}...on ReactionsChanged{message{id}reactionGroup{...FoldReactions}}...on MessagePinned{message{id isPinned}}...on MessageUnpinned{message{id isPinned}}...on ThreadUpdated{thread{...ThreadParts}}...on ThreadStateChanged{thread{...ThreadParts}}...on MemberLeft{room{id}user{id}}...on RoomDeleted{room{id}}...on RoomAccessLost{roomId}...on StreamReady{cursor}...on Heartbeat{cursor}}}`, ThreadReply, FoldMessage, FoldQuote, FoldPerson, FoldPoll, FoldReactions, ThreadParts);
export const FollowThreadDocument: TypedText<FollowThreadMutation, FollowThreadMutationVariables> = /* @__PURE__ */ mutation('FollowThread', 'thread{...ThreadParts}', ThreadParts, FoldPerson, Refused);
export const UnfollowThreadDocument: TypedText<UnfollowThreadMutation, UnfollowThreadMutationVariables> = /* @__PURE__ */ mutation('UnfollowThread', 'thread{...ThreadParts}', ThreadParts, FoldPerson, Refused);
export const ReadThreadDocument: TypedText<ReadThreadMutation, ReadThreadMutationVariables> = /* @__PURE__ */ mutation('MarkThreadRead', 'thread{...ThreadParts}', ThreadParts, FoldPerson, Refused);
export const UnreadThreadDocument: TypedText<UnreadThreadMutation, UnreadThreadMutationVariables> = /* @__PURE__ */ mutation('MarkThreadUnread', 'thread{...ThreadParts}', ThreadParts, FoldPerson, Refused);
export const RenameThreadDocument: TypedText<RenameThreadMutation, RenameThreadMutationVariables> = /* @__PURE__ */ mutation('RenameThread', 'thread{...ThreadParts}', ThreadParts, FoldPerson, Refused);