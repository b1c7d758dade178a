import type { AccountEventKind } from '../eventlog/registry.ts';

export const savedMessageChanged: AccountEventKind = {
  number: 10,
  name: 'SavedMessageChanged',
  description: 'The viewer saved a message, or removed it from the saved ones, on any device.',
  fields: ['messageId', 'savedMessage'],
  clientRule: 'store `savedMessage`; if it is null, remove the message from the saved ones',
  access: 'unchanged',
};

export const savedEventKinds: readonly AccountEventKind[] = [savedMessageChanged];
