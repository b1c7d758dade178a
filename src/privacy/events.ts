import type { AccountEventKind } from '../eventlog/registry.ts';

export const blockChanged: AccountEventKind = {
  number: 13,
  name: 'BlockChanged',
  description: 'The viewer blocked a user, or ended that, on any device.',
  fields: ['user', 'isBlocked'],
  clientRule: 'add `user` to the blocked users; if `isBlocked` is false, remove the user from them',
  access: 'unchanged',
};

export const blockEventKinds: readonly AccountEventKind[] = [blockChanged];
