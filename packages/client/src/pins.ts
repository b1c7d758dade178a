import type { Client } from './client.ts';
import {
  PinDocument,
  PinnedMessagesDocument,
  type PinnedMessagesQuery,
  UnpinDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { LoadedList } from './loaded-list.ts';

// An entry of its own: an application without pins does not load it.

/**
 * Pins a message in its room. Pinning it again changes nothing.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function pin(client: Client, messageId: string): Promise<void> {
  successOf((await client.request(PinDocument, { input: { messageId } })).pinMessage);
}

/**
 * Unpins a message. Unpinning it again changes nothing.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function unpin(client: Client, messageId: string): Promise<void> {
  successOf((await client.request(UnpinDocument, { input: { messageId } })).unpinMessage);
}

type Room = NonNullable<PinnedMessagesQuery['room']>;
export type PinnedMessage = NonNullable<Room['pinnedMessages']>['nodes'][number];

/** The pinned messages of a room, the newest pin first. */
export class PinnedMessages extends LoadedList<PinnedMessage> {
  constructor(client: Client, roomId: string) {
    const { info } = client.room(roomId);
    super(client, {
      sources: [info],
      // Changes with every event of the room that is not a new message.
      version: () => `${(info.getSnapshot()?.lastRoomSeq ?? 0) - (info.getSnapshot()?.lastMessageSeq ?? 0)}`,
      load: async () =>
        (await client.request(PinnedMessagesDocument, { id: roomId })).room?.pinnedMessages?.nodes ?? [],
    });
  }
}
