import type { Capability } from '../capability.ts';
import { receiptEventKinds } from './events.ts';
import { receiptsChanged } from './markers.ts';
import { unreadRules } from './unread.ts';

export const receipts: Capability = {
  name: 'receipts',
  accountEvents: receiptEventKinds,
  ephemeral: [receiptsChanged],
  unread: unreadRules,
};
