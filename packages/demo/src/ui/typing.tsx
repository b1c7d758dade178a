import type { RoomHandle } from '@parley/client';
import type { JSX } from 'preact';
import { useTexts, useValue } from './hooks.ts';
import { nameOf } from './people.tsx';

/** The other users who are typing. It keeps its space when there are none, so that the messages do not move. */
export function Typing({ room }: { room: RoomHandle }): JSX.Element {
  const t = useTexts();
  const people = useValue(room.typing);
  return (
    <p class="typing" role="status">
      {people.length > 0 && t.typing(people.map((person) => nameOf(person, t)))}
    </p>
  );
}
