import type { AccountEventKind, RoomEventKind } from '../eventlog/registry.ts';

export interface RequestFacts {
  /** Requests that wait for an answer. */
  readonly count: number;
}

export const joinRequestsChanged: RoomEventKind = {
  number: 34,
  name: 'JoinRequestsChanged',
  description:
    'A user asked to become a member, or a request was answered, taken back, or ended by a ban. It names nobody.',
  fields: ['joinRequestCount'],
  clientRule: 'for members with ADD_MEMBERS: query `Room.joinRequests` where they are shown',
  affects: 'nothing',
  subject: null,
};

/** What became of a request: the numbers that events of the own log have in `roomSeq`. */
export const requestStates = { WAITING: 1, ACCEPTED: 2, DECLINED: 3, TAKEN_BACK: 4 } as const;

export const joinRequestChanged: AccountEventKind = {
  number: 16,
  name: 'JoinRequestChanged',
  description:
    'The viewer asked to become a member of a room or took that back, on any device, or a member answered. An accepted request ' +
    'also has its `RoomAccessGranted`. It also counts as accepted when the user becomes a member in another way. A ban and the deletion of the room decline it.',
  fields: ['room', 'requestState'],
  clientRule: 'query `Viewer.joinRequests` where it is shown',
  access: 'unchanged',
};

export const requestEventKinds: readonly RoomEventKind[] = [joinRequestsChanged];
export const requestAccountKinds: readonly AccountEventKind[] = [joinRequestChanged];
