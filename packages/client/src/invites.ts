import type { Client } from './client.ts';
import {
  AcceptLinkDocument,
  type CreateInviteInput,
  EndLinkDocument,
  EnterAsGuestDocument,
  GuestsAllowedDocument,
  type InviteFieldsFragment,
  LookAtInviteDocument,
  type LookAtInviteQuery,
  MakeLinkDocument,
  MakePermanentDocument,
  RoomInvitesDocument,
  type UpgradeGuestInput,
} from './generated/documents.ts';
import { post, successOf } from './http.ts';
import type { Person } from './reducer.ts';

// An entry of its own: an application without invites does not load it.

export type InviteInfo = InviteFieldsFragment;
export type InvitePreview = NonNullable<LookAtInviteQuery['invite']> & {
  /** Whether `joinAsGuest` works on this server. */
  readonly allowsGuests: boolean;
};

/** The code in a link, or in the fragment of an address; null if there is none. */
export const inviteCodeIn = (link: string): string | null =>
  /#join=([A-Za-z0-9_-]{22})$/.exec(link)?.[1] ?? null;

/**
 * Whether people without an account can join by a link on this server.
 * @throws ParleyError `NETWORK`
 */
export async function allowsGuests(client: Client): Promise<boolean> {
  return (await post(client.options.endpoint, GuestsAllowedDocument, {})).serverInfo.allowsGuests;
}

/** Whether a person is a guest, by the username: the server gives such names only to guests. */
export const isGuest = ({ username }: Pick<Person, 'username'>): boolean =>
  /^guest-[a-z2-7]{16}$/.test(username);

/**
 * Returns where a link leads, also if nobody is signed in; null if it cannot be used.
 * @throws ParleyError `RATE_LIMITED`, `NETWORK`
 */
export async function previewInvite(client: Client, code: string): Promise<InvitePreview | null> {
  const { invite, serverInfo } = await post(client.options.endpoint, LookAtInviteDocument, { code });
  return invite && { ...invite, ...serverInfo };
}

/**
 * Makes the viewer a member of the room of a link; resolves with its id. It appears in `client.rooms` by itself.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function acceptInvite(client: Client, inviteCode: string): Promise<string> {
  return successOf((await client.request(AcceptLinkDocument, { input: { inviteCode } })).acceptInvite).room
    .id;
}

/**
 * Signs in with a name only, as a guest in the room of a link; resolves with the id of the room. A guest who signs out
 * cannot come back.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function joinAsGuest(client: Client, inviteCode: string, displayName: string): Promise<string> {
  const input = { inviteCode, displayName };
  const { joinAsGuest } = await post(client.options.endpoint, EnterAsGuestDocument, { input });
  const { tokens, viewer, room } = successOf(joinAsGuest);
  await (await client.commands()).begin(viewer.user.id, tokens);
  return room.id;
}

/**
 * Turns the guest who is signed in into a user with an account. Everything stays, and the limits of a guest end.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function upgradeGuest(client: Client, account: UpgradeGuestInput): Promise<void> {
  successOf((await client.request(MakePermanentDocument, { input: account })).upgradeGuest);
  await (await client.commands()).renew();
}

export interface CreatedInvite extends InviteInfo {
  /** The whole link. The server cannot show it again. */
  readonly link: string;
  readonly code: string;
}

/**
 * Makes a link to a room. It needs ADD_MEMBERS, and a role below the viewer's.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function createInvite(client: Client, input: CreateInviteInput): Promise<CreatedInvite> {
  const { createInvite } = await client.request(MakeLinkDocument, { input });
  const { invite, inviteCode, link } = successOf(createInvite);
  const { url } = client.options.endpoint;
  const page = (globalThis as { location?: { href: string } }).location?.href;
  return { ...invite, code: inviteCode, link: new URL(link, new URL(url, page)).href };
}

/**
 * Ends a link for good. Ending it again changes nothing.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function revokeInvite(client: Client, inviteId: string): Promise<void> {
  successOf((await client.request(EndLinkDocument, { input: { inviteId } })).revokeInvite);
}

/**
 * The links of a room that were not revoked, the newest first; null if the viewer may not make any.
 * @throws ParleyError
 */
export async function invitesOf(client: Client, roomId: string): Promise<readonly InviteInfo[] | null> {
  return (await client.request(RoomInvitesDocument, { id: roomId })).room?.invites?.nodes ?? null;
}
