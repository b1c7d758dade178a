import type { RoomItem } from '../eventlog/streams/items.ts';
import { builder } from '../graphql/builder.ts';
import { enumValues } from '../graphql/enum-values.ts';
import { viewOrGone } from '../rooms/access.ts';
import { accountEventType, roomEventType } from '../rooms/events.schema.ts';
import { allows, type ForViewer, viewpointIn } from '../rooms/permissions.ts';
import { Room } from '../rooms/schema.ts';
import { joinRequestChanged, joinRequestsChanged, type RequestFacts, requestStates } from './events.ts';

const countFor =
  ({ event: { roomId, facts } }: RoomItem): ForViewer<number | null> =>
  (viewer) => {
    const rights = viewer.rightsIn(roomId);
    return rights && allows(rights, 'ADD_MEMBERS') ? (facts as RequestFacts).count : null;
  };

builder.objectField(roomEventType(joinRequestsChanged), 'joinRequestCount', (t) =>
  t.int({
    nullable: true,
    description:
      'How many requests wait for an answer as of the event. Null without the permission ADD_MEMBERS.',
    extensions: { forViewer: countFor },
    resolve: async (item, _args, ctx) => countFor(item)(await viewpointIn(ctx, item.event.roomId)),
  }),
);

const JoinRequestState = builder.enumType('JoinRequestState', {
  description: 'What became of a request to join a room.',
  values: enumValues({
    WAITING: 'The viewer has asked, and waits for an answer.',
    ACCEPTED: 'The viewer is a member.',
    DECLINED: 'A member has declined, has banned the viewer, or has deleted the room.',
    TAKEN_BACK: 'The viewer has taken it back.',
  }),
});

type State = keyof typeof requestStates;

function stateOf(number: number): State {
  const found = Object.entries(requestStates).find(([, each]) => each === number);
  if (!found) throw new Error(`a request has no state ${number}`);
  return found[0] as State;
}

builder.objectFields(accountEventType(joinRequestChanged), (t) => ({
  room: t.field({
    type: Room,
    description: 'The room. If the viewer may not see it any more, only the id can be read.',
    resolve: ({ event }, _args, ctx) => viewOrGone(ctx, event.roomId),
  }),
  requestState: t.field({
    type: JoinRequestState,
    description: 'What became of the request.',
    resolve: ({ event }) => stateOf(event.roomSeq),
  }),
}));
