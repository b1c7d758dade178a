import type { Capability } from '../capability.ts';
import { cleanDrafts } from './cleaning.ts';
import { draftEventKinds } from './events.ts';

export const drafts: Capability = {
  name: 'drafts',
  accountEvents: draftEventKinds,
  chores: ({ db }) => [
    {
      run: () => cleanDrafts(db.write),
      done: 'drafts that were sent, and those of erased users, were deleted',
      failed: 'drafts that were sent could not be deleted',
    },
  ],
};
