import type { MessageRecord } from './events.ts';

/** What a viewer sees of a message that another one refers to. */
export type MessageVisibility = 'VISIBLE' | 'DELETED' | 'INVISIBLE';

/** Null is a message that the viewer may not see, or that does not exist any more. */
export function visibilityOf(message: Pick<MessageRecord, 'deletedAt'> | null): MessageVisibility {
  if (!message) return 'INVISIBLE';
  return message.deletedAt === null ? 'VISIBLE' : 'DELETED';
}
