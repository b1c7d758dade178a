import type { Client } from './client.ts';
import {
  BlockDocument,
  BlockedDocument,
  type BlockedFieldsFragment,
  type BlockedQuery,
  NewPrivacyDocument,
  type PrivacyFieldsFragment,
  PrivacySettingsDocument,
  UnblockDocument,
  type UpdatePrivacyInput,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { OwnList } from './own-list.ts';

// An entry of its own: an application without profiles does not load it.

// -- blocked users -----------------------------------------------------------------------------

/** A user whom the viewer has blocked, and when. */
export type BlockedUser = BlockedFieldsFragment;

/** Whom the viewer blocks: a document for `subscribe` of `@parley/client/documents`. */
export { FollowBlocksDocument as blockEvents } from './generated/documents.ts';

/**
 * Blocks a user: the two cannot write in their direct room, and the user cannot reach the viewer in another way. Blocking
 * again changes nothing.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function blockUser(client: Client, userId: string): Promise<void> {
  successOf((await client.request(BlockDocument, { input: { userId } })).blockUser);
}

/**
 * Ends the blocking of a user. Doing it again changes nothing.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function unblockUser(client: Client, userId: string): Promise<void> {
  successOf((await client.request(UnblockDocument, { input: { userId } })).unblockUser);
}

type Page = NonNullable<BlockedQuery['viewer']>['blockedUsers'];

/** All users whom the viewer has blocked, on any device; the last one first. Null until they are loaded. */
export class BlockedUsers extends OwnList<BlockedUser> {
  constructor(client: Client) {
    super(client, (from) => loadPage(client, from));
  }

  /** Whether the viewer has blocked the user, as far as the list is loaded. */
  has(userId: string): boolean {
    return this.getSnapshot()?.some(({ user }) => user.id === userId) ?? false;
  }
}

const loadPage = async (client: Client, from: { after?: string }): Promise<Page | undefined> =>
  (await client.request(BlockedDocument, from)).viewer?.blockedUsers;

// -- privacy -----------------------------------------------------------------------------------

/** What others see of the viewer, and who may reach the viewer. */
export type Privacy = PrivacyFieldsFragment;
export type ContactRule = Privacy['addableBy'];

/**
 * The privacy settings of the viewer; null if nobody is signed in.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function privacyOf(client: Client): Promise<Privacy | null> {
  return (await client.request(PrivacySettingsDocument, {})).viewer;
}

/**
 * Changes privacy settings; what is not given stays. Resolves with the settings after the change.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function updatePrivacy(client: Client, changes: UpdatePrivacyInput): Promise<Privacy> {
  return successOf((await client.request(NewPrivacyDocument, { input: changes })).updatePrivacy).viewer;
}
