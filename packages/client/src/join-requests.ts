import type { Client } from './client.ts';
import { FollowedList } from './followed-list.ts';
import {
  AnswerRequestDocument,
  AskToJoinDocument,
  FollowRequestsDocument,
  type FollowRequestsSubscription,
  OwnRequestsDocument,
  PoliciesOfDocument,
  type PoliciesOfQuery,
  type RequestFieldsFragment,
  RoomRequestsDocument,
  type RoomRequestsQuery,
  TakeBackDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { LoadedList } from './loaded-list.ts';
import { derive } from './observable.ts';
import { allNodes } from './pages.ts';

// An entry of its own: an application without requests to join rooms does not load it.

/** What becomes of the viewer's requests: a document for `subscribe` of `@parley/client/documents`. */
export { FollowAnswersDocument as requestAnswers } from './generated/documents.ts';
export type JoinRequestInfo = RequestFieldsFragment;
export type JoinPolicy = Extract<PoliciesOfQuery['nodes'][number], { joinPolicy: unknown }>['joinPolicy'];

/**
 * Asks to become a member of a room whose policy is REQUEST. Resolves with the request; null if the viewer is a member.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function requestToJoin(
  client: Client,
  roomId: string,
  text = '',
): Promise<JoinRequestInfo | null> {
  const { requestToJoin } = await client.request(AskToJoinDocument, { input: { roomId, text } });
  return successOf(requestToJoin).request;
}

/**
 * Takes the viewer's request for a room back. It may be repeated.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function cancelJoinRequest(client: Client, roomId: string): Promise<void> {
  successOf((await client.request(TakeBackDocument, { input: { roomId } })).cancelJoinRequest);
}

/**
 * Makes the user of a request a member, or declines. It needs ADD_MEMBERS.
 * @throws ParleyError the refusal, `NOT_FOUND` if it was answered before, or `NETWORK`
 */
export async function answerJoinRequest(
  client: Client,
  requestId: string,
  isAccepted: boolean,
): Promise<void> {
  const input = { requestId, isAccepted };
  successOf((await client.request(AnswerRequestDocument, { input })).answerJoinRequest);
}

/** The viewer's own requests that wait for an answer, the oldest first; loaded again after changes. */
export class OwnJoinRequests extends LoadedList<JoinRequestInfo> {
  constructor(client: Client) {
    const changes = derive(
      client.source,
      // Any way into a room ends the request for it.
      ({ state }) => [state?.otherSeq, state?.viewerId, Object.keys(state?.rooms ?? {}).join()],
      (accountSeq, viewerId, rooms) => `${viewerId} ${accountSeq} ${rooms}`,
    );
    super(client, {
      sources: [changes],
      version: () => changes.getSnapshot(),
      load: async () => (await client.request(OwnRequestsDocument, {})).viewer?.joinRequests ?? [],
    });
  }
}

type Page = NonNullable<NonNullable<RoomRequestsQuery['room']>['joinRequests']>;

/** The requests of a room, for members with ADD_MEMBERS; loaded again after changes. Null until they are loaded. */
export class JoinRequests extends FollowedList<JoinRequestInfo, FollowRequestsSubscription['room']> {
  constructor(client: Client, roomId: string) {
    const page = async (from: { after?: string }): Promise<Page | null> =>
      (await client.request(RoomRequestsDocument, { id: roomId, ...from })).room?.joinRequests ?? null;
    super(client, roomId, {
      document: FollowRequestsDocument,
      // A join ends the request of the user.
      isChange: ({ __typename }) => __typename === 'JoinRequestsChanged' || __typename === 'MemberJoined',
      load: async () => (await allNodes(page)) ?? [],
    });
  }
}

/**
 * How users become members of these rooms, by their ids: at most 100. Rooms that the viewer may not see are missing.
 * @throws ParleyError `NETWORK`
 */
export async function joinPolicies(
  client: Client,
  roomIds: readonly string[],
): Promise<ReadonlyMap<string, JoinPolicy>> {
  const { nodes } = await client.request(PoliciesOfDocument, { ids: [...roomIds] });
  return new Map(
    nodes.flatMap((node) => (node && 'joinPolicy' in node ? [[node.id, node.joinPolicy] as const] : [])),
  );
}
