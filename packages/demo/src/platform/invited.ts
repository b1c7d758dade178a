import { inviteCodeIn } from '@parley/client/invites';
import { Cell } from './cell.ts';

/** The code of the link with which the page was opened; null once it was used or put aside. */
export const inviteCode = new Cell<string | null>(inviteCodeIn(location.hash));
addEventListener('hashchange', () => {
  const code = inviteCodeIn(location.hash);
  if (code) inviteCode.set(code);
});
