import { Origins } from '@parley/client/forwards';
import { client } from './chat.ts';

/** Where forwarded messages come from, as far as the viewer may see it. */
export const origins = new Origins(client);
