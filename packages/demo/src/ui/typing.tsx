import { liveRoom } from '@parley/client/live';
import type { JSX } from 'preact';
import { client } from '../platform/chat.ts';
import { blocked } from '../platform/people.ts';
import { useTexts, useValue } from './hooks.ts';
import { nameOf } from './people.tsx';

/** The other users who are typing, but those whom the viewer has blocked. It keeps its space when there are none, so that the messages do not move. */
export function Typing({ roomId }: { roomId: string }): JSX.Element {
  const t = useTexts();
  const people = useValue(liveRoom(client, roomId).typing).filter(({ id }) => !blocked.has(id));
  return (
    <p class="typing" role="status">
      {people.length > 0 && t.typing(people.map((person) => nameOf(person, t)))}
    </p>
  );
}
