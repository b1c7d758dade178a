import { type MailLink, mailLinkIn } from '@parley/client/account';
import { Cell } from './cell.ts';

/** The link of a mail with which the page was opened; null once it was used or put aside. */
export const mailLink = new Cell<MailLink | null>(null);

/** Takes the token out of the address, so that the history of the browser does not keep it. */
function read(): void {
  const link = mailLinkIn(location.hash);
  if (!link) return;
  history.replaceState(null, '', location.pathname + location.search);
  mailLink.set(link);
}

read();
addEventListener('hashchange', read);
