import type { Context, Viewpoint } from '../context.ts';
import type { Mentions } from '../messages/events.ts';
import type { ShownMessage } from '../messages/messages.ts';
import { type MessageSatellite, satelliteReader } from '../messages/satellites.ts';
import { identityField } from '../rooms/permissions.ts';
import { eraseMentions, mentionsOfMessages } from './store.ts';

const NOBODY: Mentions = { userIds: [], isEverybody: false };

export const mentionSatellite: MessageSatellite<Mentions> = {
  name: 'mentions',
  fields: ['mentions', 'mentionsEveryone', 'viewerIsMentioned'],
  tables: ['message_mentions'],
  audience: 'members',
  attached: { rows: mentionsOfMessages, of: (row: Mentions) => row, none: NOBODY },
  eraseUsers: eraseMentions,
};

const stored = satelliteReader(mentionSatellite);

/** Whom a message mentions. One that was just posted knows. */
export function mentionsOf(ctx: Context, message: ShownMessage): Mentions | Promise<Mentions> {
  return message.isNew ? (message.mentions ?? NOBODY) : stored(ctx, message);
}

type Person = Pick<Viewpoint, 'isViewer'>;

/** Whether the viewer is among them. Nobody mentions themselves. */
async function isMentioned(message: ShownMessage, ctx: Context): Promise<(viewer: Person) => boolean> {
  const { userIds, isEverybody } = await mentionsOf(ctx, message);
  const isNamed = (viewer: Person) => userIds.some((userId) => viewer.isViewer(userId));
  return (viewer) => (isEverybody ? !viewer.isViewer(message.authorId) : isNamed(viewer));
}

export const viewerIsMentioned = identityField(isMentioned);
