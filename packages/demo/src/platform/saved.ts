import { SavedMessages } from '@parley/client/saved';
import { client } from './chat.ts';

/** The saved messages of the viewer. */
export const saved = new SavedMessages(client);
