import type { Person } from '@parley/client';
import { BlockedUsers } from '@parley/client/profile';
import { Cell } from './cell.ts';
import { client } from './chat.ts';

/** The users whom the viewer has blocked. */
export const blocked = new BlockedUsers(client);

/** The user whose profile is shown. */
export const shownPerson = new Cell<Person | null>(null);
