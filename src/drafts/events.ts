import type { AccountEventKind } from '../eventlog/registry.ts';

export const draftChanged: AccountEventKind = {
  number: 11,
  name: 'DraftChanged',
  description:
    'The viewer saved or removed the draft of a room or thread, on any device. Sending the message of a draft removes it without this event.',
  fields: ['roomId', 'threadRootId', 'draft'],
  clientRule:
    'store `draft`; if it is null, remove the draft of that place. Also remove a draft with the message of the viewer that has its key',
  access: 'unchanged',
};

export const draftEventKinds: readonly AccountEventKind[] = [draftChanged];
