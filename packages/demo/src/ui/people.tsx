import type { Person } from '@parley/client';
import type { JSX } from 'preact';
import type { Texts } from '../texts/en.ts';

export function nameOf(person: Person, t: Texts): string {
  if (person.isDeleted) return t.deletedUser;
  return person.displayName || person.username || '…';
}

const HUES = 8;

/** The same text always gets the same colour. */
function hueOf(text: string): number {
  let sum = 0;
  for (const char of text) sum = (sum * 31 + (char.codePointAt(0) ?? 0)) % 9973;
  return sum % HUES;
}

function initialsOf(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  const [first = '?', last] = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return `${letterOf(first)}${last ? letterOf(last) : ''}`.toUpperCase();
}

const letters = new Intl.Segmenter();

const letterOf = (word: string) => letters.segment(word).containing(0)?.segment ?? '';

/** A coloured circle with initials. A decoration: the name is beside it. */
export function Avatar({ id, name }: { id: string; name: string }): JSX.Element {
  return (
    <span class={`avatar hue-${hueOf(id)}`} aria-hidden="true">
      {initialsOf(name)}
    </span>
  );
}
