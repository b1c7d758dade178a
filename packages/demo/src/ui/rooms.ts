import type { RoomInfo } from '@parley/client';
import type { Texts } from '../texts/en.ts';

/** The title of a room; a direct room whose members are not known yet has none. */
export const titleOf = ({ title }: RoomInfo, t: Texts): string => title || t.directRoom;
