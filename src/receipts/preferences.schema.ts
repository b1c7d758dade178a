import { Viewer } from '../accounts/schema.ts';
import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { mutation } from '../graphql/mutation.ts';
import { Room } from '../rooms/schema.ts';
import { MAX_FOLDER_NAME } from './folders.ts';
import { ACCOUNT_SEQ } from './marks.schema.ts';
import { type PreferencesSet, updateRoomPreferences } from './preferences.ts';
import { sharesReceipts } from './receipts.ts';

builder.objectField(Viewer, 'sharesReceipts', (t) =>
  t.boolean({
    description:
      'Whether the viewer and the other members see how far each has read. Rooms can have another setting.',
    resolve: ({ userId }, _args, ctx) => sharesReceipts(ctx, userId),
  }),
);

mutation('updateRoomPreferences', {
  description:
    "Changes the viewer's preferences for a room: mute, pin, hide, folder. A field that is not given stays as it is.",
  input: (t) => ({
    roomId: t.id({ required: true, description: 'The id of the room.' }),
    isMuted: t.boolean({
      description: 'Whether the room is muted. Muted rooms do not count in `Viewer.unread`.',
    }),
    mutedUntil: t.field({
      type: 'DateTime',
      description: 'Mutes the room until this time. A time in the past ends the mute.',
    }),
    isPinned: t.boolean({
      description: 'Whether the room is pinned. The order `PINNED_FIRST` puts pinned rooms first.',
    }),
    isHidden: t.boolean({ description: 'Whether the room is hidden. The next message shows it again.' }),
    sharesReceipts: t.boolean({
      description: 'Whether the viewer and the other members of the room see how far each has read.',
    }),
    folder: t.string({
      description: `The folder of the viewer's own list that contains the room, at most ${MAX_FOLDER_NAME} characters. An empty text means none. A folder exists as long as a room is in it.`,
    }),
  }),
  success: builder.objectRef<PreferencesSet>('UpdateRoomPreferencesSuccess').implement({
    description: 'The room has the new preferences.',
    fields: (t) => ({
      room: t.field({ type: Room, description: 'The room after the change.', resolve: ({ room }) => room }),
      accountSeq: t.exposeInt('accountSeq', { description: ACCOUNT_SEQ }),
    }),
  }),
  refusals: ['VALIDATION', 'NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => updateRoomPreferences(signedIn(ctx), input),
});
