import { isProviderAnswer } from '@parley/client/sign-in';
import { Cell } from './cell.ts';

/** The address to which a provider has sent the user back; null once it was used or put aside. */
export const providerAnswer = new Cell<string | null>(null);

/** The page to which providers send users back. */
export const signInPage = location.origin + location.pathname;

// Takes the answer out of the address, so that the history of the browser does not keep it.
if (isProviderAnswer(location.href)) {
  providerAnswer.set(location.href);
  history.replaceState(null, '', location.pathname + location.hash);
}
