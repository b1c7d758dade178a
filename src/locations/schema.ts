import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { changeRefusals, mutation, ROOM_SEQ } from '../graphql/mutation.ts';
import { globalId } from '../graphql/nodes.ts';
import { priced, pricedList } from '../graphql/pricing.ts';
import { addPartInput } from '../messages/parts.schema.ts';
import { newPart } from '../messages/parts.ts';
import { Message } from '../messages/schema.ts';
import { ephemeralType } from '../rooms/ephemeral.schema.ts';
import {
  type LiveEnded,
  liveLocationsChanged,
  MAX_LIVE_SHOWN,
  moveLiveLocation,
  stopLiveLocation,
} from './live.ts';
import type { LocationRow } from './location.ts';
import { locationOf, MAX_LOCATION_LABEL, type LocationInput as NewLocationInput } from './location.ts';
import { locationPart, messageLocation } from './reading.ts';

/** Few messages have a location, so its fields cost nothing. */
const PART = priced({ points: 0 });
/** Live locations of a room, where there are some. */
const USUALLY_LIVE = 2;

type LivePosition = NonNullable<LocationRow['position']>;

const Position = builder.objectRef<LivePosition>('LivePosition').implement({
  description: 'A position of a live location.',
  fields: (t) => ({
    latitude: t.exposeFloat('latitude', { extensions: PART, description: 'In degrees, -90 to 90.' }),
    longitude: t.exposeFloat('longitude', { extensions: PART, description: 'In degrees, -180 to 180.' }),
    accuracyMeters: t.exposeFloat('accuracyMeters', {
      nullable: true,
      extensions: PART,
      description: 'How far from it the user can be, in metres. Null if unknown.',
    }),
    heading: t.exposeFloat('heading', {
      nullable: true,
      extensions: PART,
      description: 'The direction of travel, in degrees clockwise from north. Null if unknown.',
    }),
    speedMetersPerSecond: t.exposeFloat('speedMetersPerSecond', {
      nullable: true,
      extensions: PART,
      description: 'The speed. Null if unknown.',
    }),
    at: t.field({
      type: 'DateTime',
      extensions: PART,
      description: 'When the server received it.',
      resolve: ({ at }) => new Date(at),
    }),
  }),
});

/** By the clock of the database, which refuses positions from `endsAt` on. */
const isActive = ({ endsAt, endedAt }: LocationRow, nowMs: number) =>
  endedAt === null && (endsAt ?? 0) > nowMs;

const Live = builder.objectRef<LocationRow>('LiveLocation').implement({
  description: 'How the location of a message moves.',
  fields: (t) => ({
    endsAt: t.field({
      type: 'DateTime',
      extensions: PART,
      description: 'No position is accepted from then on.',
      resolve: ({ endsAt }) => new Date(endsAt ?? 0),
    }),
    endedAt: t.field({
      type: 'DateTime',
      nullable: true,
      extensions: PART,
      description:
        'When it ended: by `stopLiveLocation`, when its author left the room, or at `endsAt`. Null until then.',
      resolve: ({ endedAt }) => (endedAt === null ? null : new Date(endedAt)),
    }),
    isActive: t.boolean({
      extensions: PART,
      description: 'Whether its author still shares it.',
      resolve: (location, _args, { node }) => isActive(location, node.logFollower.now()),
    }),
    position: t.field({
      type: Position,
      nullable: true,
      extensions: PART,
      description:
        'The last position, also after the end. Null if the author has sent none: then the location itself is the last.',
      resolve: ({ position }) => position,
    }),
  }),
});

const Location = builder.objectRef<LocationRow>('Location').implement({
  description: 'A place that a message shares.',
  fields: (t) => ({
    latitude: t.exposeFloat('latitude', {
      extensions: PART,
      description: 'In degrees, -90 to 90, with 6 decimals. Of a live location: where it began.',
    }),
    longitude: t.exposeFloat('longitude', {
      extensions: PART,
      description: 'In degrees, -180 to 180, with 6 decimals.',
    }),
    accuracyMeters: t.exposeFloat('accuracyMeters', {
      nullable: true,
      extensions: PART,
      description: 'How far from it the place can be, in metres. Null if unknown.',
    }),
    label: t.exposeString('label', {
      nullable: true,
      extensions: PART,
      description: `The name of the place, at most ${MAX_LOCATION_LABEL} characters, not Markdown.`,
    }),
    live: t.field({
      type: Live,
      nullable: true,
      extensions: PART,
      description: 'How it moves. Null if it does not.',
      resolve: (location) => (location.endsAt === null ? null : location),
    }),
  }),
});

builder.objectField(Message, 'location', (t) =>
  t.field({
    type: Location,
    nullable: true,
    description:
      'The place that it shares. Null for most messages, and once the message is deleted. For members.',
    extensions: PART,
    resolve: (message, _args, ctx) => messageLocation(ctx, message),
  }),
);

const LocationInput = builder.inputType('LocationInput', {
  description: 'A place that a message shares.',
  fields: (t) => ({
    latitude: t.float({ required: true, description: 'In degrees, -90 to 90. Rounded to 6 decimals.' }),
    longitude: t.float({ required: true, description: 'In degrees, -180 to 180. Rounded to 6 decimals.' }),
    accuracyMeters: t.float({ description: 'How far from it the place can be, in metres.' }),
    label: t.string({ description: `The name of the place, at most ${MAX_LOCATION_LABEL} characters.` }),
    liveForSeconds: t.int({
      description:
        'Shares a live location for so many seconds, 60 to 28,800 (8 hours): `moveLiveLocation` moves it, `stopLiveLocation` ends it. At ' +
        'most 3 of one author in one room.',
    }),
  }),
});

addPartInput<NewLocationInput>({
  name: 'location',
  field: (t) =>
    t.field({
      type: LocationInput,
      description:
        'A place that the message shares. Its text is for clients and notifications that show no places.',
    }),
  partOf: (input) => newPart(locationPart, locationOf(input, 'input.location')),
});

const LivePositionInput = builder.inputType('LivePositionInput', {
  description: 'A position of a live location.',
  fields: (t) => ({
    latitude: t.float({ required: true, description: 'In degrees, -90 to 90. Rounded to 6 decimals.' }),
    longitude: t.float({ required: true, description: 'In degrees, -180 to 180. Rounded to 6 decimals.' }),
    accuracyMeters: t.float({ description: 'How far from it the user can be, in metres.' }),
    heading: t.float({ description: 'The direction of travel, in degrees clockwise from north, 0 to 360.' }),
    speedMetersPerSecond: t.float({ description: 'The speed.' }),
  }),
});

mutation('moveLiveLocation', {
  description:
    'Replaces the position of a live location of the viewer. It is not an event: streams with `include: [LOCATIONS]` carry the last ' +
    'position. At most once a second.',
  input: (t) => ({
    messageId: t.id({ required: true, description: 'The id of the message with the live location.' }),
    position: t.field({ type: LivePositionInput, required: true, description: 'The position.' }),
  }),
  success: builder
    .objectRef<Awaited<ReturnType<typeof moveLiveLocation>>>('MoveLiveLocationSuccess')
    .implement({
      description: 'The position is the last one of the live location.',
      fields: (t) => ({ messageId: t.exposeID('messageId', { description: 'The id of the message.' }) }),
    }),
  refusals: changeRefusals,
  forGuests: true,
  resolve: (ctx, input) => moveLiveLocation(signedIn(ctx), input),
});

mutation('stopLiveLocation', {
  description: 'Ends a live location of the viewer for good. Ending it again changes nothing.',
  input: (t) => ({
    messageId: t.id({ required: true, description: 'The id of the message with the live location.' }),
  }),
  success: builder.objectRef<LiveEnded>('StopLiveLocationSuccess').implement({
    description: 'The live location has ended.',
    fields: (t) => ({
      message: t.field({ type: Message, description: 'The message.', resolve: (done) => done.message }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  }),
  refusals: changeRefusals.filter((code) => code !== 'VALIDATION'),
  forGuests: true,
  resolve: (ctx, input) => stopLiveLocation(signedIn(ctx), input),
});

const MovingLocation = builder.objectRef<LocationRow>('MovingLocation').implement({
  description: 'A live location that has not ended.',
  fields: (t) => ({
    messageId: t.id({
      description: 'The id of the message that shares it.',
      resolve: ({ roomId, roomSeq }) => globalId('Message', roomId, roomSeq),
    }),
    location: t.field({ type: Location, description: 'The location.', resolve: (location) => location }),
  }),
});

builder.objectField(ephemeralType(liveLocationsChanged), 'locations', (t) =>
  t.field({
    type: [MovingLocation],
    description: `The live locations, the newest message first; at most ${MAX_LIVE_SHOWN} of them.`,
    extensions: pricedList({ usualSize: USUALLY_LIVE, inEvents: true }),
    resolve: ({ ephemeral }) => [...ephemeral.locations],
  }),
);
