import { signedIn } from '../context.ts';
import { builder } from '../graphql/builder.ts';
import { changeRefusals, mutation, ROOM_SEQ } from '../graphql/mutation.ts';
import { ACCOUNT_SEQ } from '../receipts/marks.schema.ts';
import {
  MAX_REPLIES_BACK,
  MAX_TITLE,
  markThreadRead,
  markThreadUnread,
  type Renamed,
  renameThread,
  type StateSet,
  setFollowing,
} from './changes.ts';
import { Thread } from './schema.ts';

const THREAD_ID = 'The id of the thread.';

const withState = (name: string, description: string) =>
  builder.objectRef<StateSet>(`${name}Success`).implement({
    description,
    fields: (t) => ({
      thread: t.field({
        type: Thread,
        description: 'The thread after the change.',
        resolve: ({ thread }) => thread,
      }),
      accountSeq: t.exposeInt('accountSeq', { description: ACCOUNT_SEQ }),
    }),
  });

mutation('followThread', {
  description: 'Follows a thread: it is in `Viewer.threads`.',
  input: (t) => ({ threadId: t.id({ required: true, description: THREAD_ID }) }),
  success: withState('FollowThread', 'The viewer follows the thread.'),
  refusals: ['NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => setFollowing(signedIn(ctx), input, true),
});

mutation('unfollowThread', {
  description: 'Does not follow a thread any more, until the viewer replies in it or is mentioned.',
  input: (t) => ({ threadId: t.id({ required: true, description: THREAD_ID }) }),
  success: withState('UnfollowThread', 'The viewer does not follow the thread.'),
  refusals: ['NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => setFollowing(signedIn(ctx), input, false),
});

mutation('markThreadRead', {
  description:
    'Marks the replies of a thread as read, up to one of them. A mark that is further on stays where it is.',
  input: (t) => ({
    threadId: t.id({ required: true, description: THREAD_ID }),
    upToSeq: t.int({ required: true, description: 'The `threadSeq` of the last reply that was read.' }),
  }),
  success: withState('MarkThreadRead', 'The replies are read.'),
  refusals: ['VALIDATION', 'NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => markThreadRead(signedIn(ctx), input),
});

mutation('markThreadUnread', {
  description:
    'Marks the replies of a thread as unread from one of them on, so that the user finds them again. A mark that is before it stays, and ' +
    'it does not fall below the last reply of the viewer.',
  input: (t) => ({
    threadId: t.id({ required: true, description: THREAD_ID }),
    fromSeq: t.int({
      required: true,
      description: `The \`threadSeq\` of the first reply that is unread, one of the last ${MAX_REPLIES_BACK} replies.`,
    }),
  }),
  success: withState('MarkThreadUnread', 'The replies are unread.'),
  refusals: ['VALIDATION', 'NOT_FOUND', 'RATE_LIMITED', 'UNAVAILABLE'],
  forGuests: true,
  resolve: (ctx, input) => markThreadUnread(signedIn(ctx), input),
});

mutation('renameThread', {
  description:
    'Gives a thread a title. Members with the permission UPDATE_ROOM may, and the author of its root, if the author may send messages.',
  input: (t) => ({
    threadId: t.id({ required: true, description: THREAD_ID }),
    title: t.string({
      required: true,
      description: `At most ${MAX_TITLE} characters. An empty title removes it.`,
    }),
  }),
  success: builder.objectRef<Renamed>('RenameThreadSuccess').implement({
    description: 'The thread has the title.',
    fields: (t) => ({
      thread: t.field({
        type: Thread,
        description: 'The thread after the change.',
        resolve: ({ thread }) => thread,
      }),
      roomSeq: t.exposeInt('roomSeq', { description: ROOM_SEQ }),
    }),
  }),
  refusals: changeRefusals,
  forGuests: true,
  resolve: (ctx, input) => renameThread(signedIn(ctx), input),
});
