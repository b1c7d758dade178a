import { loadUser } from '../accounts/people.ts';
import { User, Viewer } from '../accounts/schema.ts';
import { signedIn, withAccount } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { connectionType, forwardArgs } from '../graphql/connection.ts';
import { changeRefusals, mutation, ROOM_SEQ } from '../graphql/mutation.ts';
import { findableNode, globalId, Node } from '../graphql/nodes.ts';
import { PAGE_SIZE } from '../graphql/paging.ts';
import { pricedList } from '../graphql/pricing.ts';
import { withRefusals } from '../graphql/with-refusals.ts';
import { type RoomView, viewOrGone } from '../rooms/access.ts';
import type { Changed } from '../rooms/rooms.ts';
import { Room } from '../rooms/schema.ts';
import {
  answerJoinRequest,
  cancelJoinRequest,
  findVisibleRequest,
  listOwnRequests,
  listRequests,
  MAX_JOIN_REQUESTS,
  MAX_REQUEST_TEXT,
  MAX_ROOM_REQUESTS,
  type Requested,
  type RequestRow,
  requestPauses,
  requestToJoin,
} from './requests.ts';

const JoinRequest = builder.objectRef<RequestRow>('JoinRequest').implement({
  description:
    'A user who asks to become a member of a room. It ends with the answer, with any other way into the room, or when the user takes ' +
    'it back.',
  interfaces: [Node],
  fields: (t) => ({
    id: t.field({
      type: 'ID',
      description: 'The global id. Opaque.',
      resolve: ({ roomId, userId }) => globalId('JoinRequest', roomId, userId),
    }),
    room: t.field({
      type: Room,
      description: 'The room.',
      resolve: ({ roomId }, _args, ctx) => viewOrGone(ctx, roomId),
    }),
    user: t.field({
      type: User,
      description: 'Who asks.',
      resolve: ({ userId }, _args, ctx) => loadUser(ctx, userId),
    }),
    text: t.exposeString('text', { description: 'What the user says. Empty without a text.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the user asked.' }),
  }),
});

findableNode('JoinRequest', (ctx, [roomId, userId]) => findVisibleRequest(ctx, roomId, userId ?? 0));

const { ConnectionType: JoinRequestsConnection } = connectionType<RequestRow>(
  'JoinRequests',
  JoinRequest,
  'the requests of a room',
);

builder.objectField(Room, 'joinRequests', (t) =>
  t.field({
    type: JoinRequestsConnection,
    nullable: true,
    description:
      'The users who ask to become members, oldest account first. Default page: 20. Null without the permission ADD_MEMBERS.',
    extensions: pricedList({ usualSize: PAGE_SIZE, inEvents: false }),
    args: forwardArgs(),
    resolve: (room, args, ctx) => withRefusals(ctx, () => listRequests(ctx, room, args)),
  }),
);

builder.objectField(Viewer, 'joinRequests', (t) =>
  t.field({
    type: [JoinRequest],
    description: `The requests of the viewer that wait for an answer, the oldest first; at most ${MAX_JOIN_REQUESTS}.`,
    extensions: pricedList({ usualSize: MAX_JOIN_REQUESTS, inEvents: false }),
    resolve: (_viewer, _args, ctx) => listOwnRequests(signedIn(ctx)),
  }),
);

function success<Shape extends { room: RoomView }>(name: string, what: string) {
  const ref = builder.objectRef<Shape>(`${name}Success`).implement({ description: what });
  builder.objectField(ref, 'room', (t) =>
    t.field({
      type: Room,
      description: 'The room after the change.',
      resolve: ({ room }: { room: RoomView }) => room,
    }),
  );
  return ref;
}

const RequestToJoinSuccess = success<Requested>(
  'RequestToJoin',
  'The viewer waits for an answer, or is a member.',
);
builder.objectField(RequestToJoinSuccess, 'request', (t) =>
  t.field({
    type: JoinRequest,
    nullable: true,
    description: 'The request. Null if the viewer is a member.',
    resolve: ({ request }) => request,
  }),
);

mutation('requestToJoin', {
  description:
    'Asks to become a member of a public room whose `joinPolicy` is REQUEST. Members with ADD_MEMBERS answer, and ' +
    '`JoinRequestChanged` tells the viewer. A request that waits already stays as it is. ' +
    `A user has at most ${MAX_JOIN_REQUESTS} requests, and a room ${MAX_ROOM_REQUESTS.toLocaleString('en')}; one more is a ConflictError. ` +
    `After taking a request back, a user can ask the same room again in ${requestPauses.TAKEN_BACK / 60} minutes, and after it was ` +
    `declined in ${requestPauses.DECLINED / 3_600} hours; before that, it is a RateLimitedError.`,
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    text: t.string({
      description: `What the viewer says to those who answer, at most ${MAX_REQUEST_TEXT} characters.`,
    }),
  }),
  success: RequestToJoinSuccess,
  refusals: changeRefusals,
  resolve: (ctx, input) => requestToJoin(withAccount(ctx), input),
});

mutation('cancelJoinRequest', {
  description: "Takes the viewer's request back. Without one, it succeeds as well.",
  input: (t) => ({ roomId: t.id({ required: true, description: 'The id of the room.' }) }),
  success: success('CancelJoinRequest', 'The viewer waits for no answer any more.'),
  refusals: ['NOT_FOUND', 'PERMISSION_DENIED', 'RATE_LIMITED', 'UNAVAILABLE'],
  resolve: (ctx, input) => cancelJoinRequest(withAccount(ctx), input),
});

const AnswerJoinRequestSuccess = success<Changed>('AnswerJoinRequest', 'The request was answered.');
builder.objectField(AnswerJoinRequestSuccess, 'roomSeq', (t) =>
  t.exposeInt('roomSeq', { description: ROOM_SEQ }),
);

mutation('answerJoinRequest', {
  description:
    'Makes the user of a request a member with the role MEMBER, or declines. Needs ADD_MEMBERS and, as in `addMembers`, a role above ' +
    'MEMBER to accept. A request that was answered or taken back is a NotFoundError.',
  input: (t) => ({
    requestId: t.id({ required: true, description: 'The id of the request.' }),
    isAccepted: t.boolean({ required: true, description: 'Whether the user becomes a member.' }),
  }),
  success: AnswerJoinRequestSuccess,
  refusals: changeRefusals.filter((code) => code !== 'VALIDATION'),
  resolve: (ctx, input) => answerJoinRequest(withAccount(ctx), input),
});
