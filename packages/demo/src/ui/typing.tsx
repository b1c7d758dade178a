import type { RoomHandle } from '@parley/client';
import type { JSX } from 'preact';
import { useTexts, useValue } from './hooks.ts';
import { nameOf } from './people.tsx';

/** Who else is typing. It keeps its place while nobody is, so that the messages do not jump. */
export function Typing({ room }: { room: RoomHandle }): JSX.Element {
  const t = useTexts();
  const people = useValue(room.typing);
  return (
    <p class="typing" role="status">
      {people.length > 0 && t.typing(people.map((person) => nameOf(person, t)))}
    </p>
  );
}
