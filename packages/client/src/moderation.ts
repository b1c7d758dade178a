import type { Client } from './client.ts';
import {
  DismissDocument,
  MemberTimeoutsDocument,
  type MemberTimeoutsQuery,
  TimeOutDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { allNodes } from './pages.ts';

// An entry of its own: an application that moderates no rooms does not load it.

/** Who was timed out in a room (`id`): a document for `subscribe` of `@parley/client/documents`. */
export { FollowModerationDocument as moderationEvents } from './generated/documents.ts';

/** Whom it concerns, and why; the audit log of the room has the reason. */
interface Act {
  readonly roomId: string;
  readonly userId: string;
  /** At most 500 characters. */
  readonly reason?: string;
}

/**
 * Sets until when a member may not send messages, at most 28 days from now; null ends it. It needs TIMEOUT_MEMBERS and a role
 * above the member's. Doing it again changes nothing.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function timeOut(client: Client, act: Act & { readonly until: Date | null }): Promise<void> {
  const input = { ...act, until: act.until?.toISOString() ?? null };
  successOf((await client.request(TimeOutDocument, { input })).timeoutMember);
}

/**
 * The ends of the timeouts of a room (RFC 3339), by user id. It reads all members, page by page.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function timeoutsOf(client: Client, roomId: string): Promise<ReadonlyMap<string, string>> {
  const members = (await allNodes<MemberNode>((from) => loadMembers(client, { id: roomId, ...from }))) ?? [];
  const now = Date.now();
  return new Map(
    members.flatMap(({ user, timeoutUntil }) =>
      timeoutUntil && Date.parse(timeoutUntil) > now ? [[user.id, timeoutUntil] as const] : [],
    ),
  );
}

type MembersPage = NonNullable<NonNullable<MemberTimeoutsQuery['room']>['members']>;
type MemberNode = MembersPage['nodes'][number];

async function loadMembers(
  client: Client,
  variables: { id: string; after?: string },
): Promise<MembersPage | null> {
  return (await client.request(MemberTimeoutsDocument, variables)).room?.members ?? null;
}

/**
 * Removes a member. It needs MANAGE_MEMBERS and a role above the member's. The user can come back: see `ban`.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function removeMember(
  client: Client,
  { roomId, userId }: Pick<Act, 'roomId' | 'userId'>,
): Promise<void> {
  successOf((await client.request(DismissDocument, { input: { roomId, userId } })).removeMember);
}
