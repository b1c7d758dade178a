import type { MemberInfo, RoomInfo } from '@parley/client';
import { client } from '../platform/chat.ts';
import type { Texts } from '../texts/en.ts';
import { useTexts, useValue } from './hooks.ts';
import { nameOf } from './people.tsx';

/** The name of a room; for a direct room, the names of the other members. */
export function useRoomName(room: RoomInfo): string {
  const t = useTexts();
  const members = useValue(client.room(room.id).members);
  return room.name ?? directName(room, members, t);
}

function directName(room: RoomInfo, members: readonly MemberInfo[], t: Texts): string {
  const others = members.filter(({ user }) => user.id !== room.membership?.user.id);
  return others.map(({ user }) => nameOf(user, t)).join(', ') || t.directRoom;
}
