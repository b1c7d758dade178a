import type { MessagePart } from '../messages/parts.ts';
import { type MessageSatellite, satelliteReader, withAttached } from '../messages/satellites.ts';
import { countCharacters } from '../platform/characters.ts';
import { invalid } from '../platform/errors.ts';
import { type MetadataEntry, type MetadataRow, type MetadataValue, metadataOfMessages } from './store.ts';

export type { MetadataEntry, MetadataValue } from './store.ts';

/** Entries of a message. */
export const MAX_METADATA = 16;
/** Characters of a key. */
export const MAX_METADATA_KEY = 64;
/** Of a value, in code points. */
export const MAX_METADATA_TEXT = 500;

const NONE: readonly MetadataEntry[] = [];

export const metadataSatellite: MessageSatellite<readonly MetadataEntry[]> = {
  name: 'metadata',
  fields: ['metadata'],
  tables: ['message_metadata'],
  audience: 'readers',
  attached: {
    rows: metadataOfMessages,
    of: (row: MetadataRow) => row.entries,
    none: NONE,
  },
  // It is content of the message, like its text.
  eraseUsers: async () => 0,
};

/** The metadata of a message, in the order in which it was sent. */
export const metadataOf = satelliteReader(metadataSatellite);

export const metadataPart: MessagePart<readonly MetadataEntry[]> = {
  name: 'metadata',
  shownBy: (message, entries) => withAttached(message, metadataSatellite, entries),
};

// -- input -----------------------------------------------------------------------------------------

interface EntryInput {
  readonly key: string;
  /** The schema makes sure that it has one field. */
  readonly value: {
    readonly text?: string | null | undefined;
    readonly number?: number | null | undefined;
    readonly isTrue?: boolean | null | undefined;
  };
}

const KEY = new RegExp(`^[a-z][A-Za-z0-9_.-]{0,${MAX_METADATA_KEY - 1}}$`);

/**
 * The entries in their stored form.
 * @throws ValidationError
 */
export function metadataIn(entries: readonly EntryInput[], path: string): MetadataEntry[] {
  if (entries.length > MAX_METADATA)
    throw invalid(path, `A message can have at most ${MAX_METADATA} metadata entries.`);
  const keys = new Set(entries.map(({ key }) => key));
  if (keys.size < entries.length) throw invalid(path, 'The keys of the metadata of a message must differ.');
  return entries.map(({ key, value }, i) => ({
    key: keyIn(key, `${path}.${i}.key`),
    ...valueIn(value, `${path}.${i}.value`),
  }));
}

function keyIn(key: string, path: string): string {
  if (KEY.test(key)) return key;
  throw invalid(
    path,
    `A key begins with a small letter, and has at most ${MAX_METADATA_KEY} letters of a to z, digits, underscores, dots and hyphens.`,
  );
}

function valueIn({ text, number, isTrue }: EntryInput['value'], path: string): MetadataValue {
  if (typeof text === 'string' && countCharacters(text) > MAX_METADATA_TEXT)
    throw invalid(`${path}.text`, `A text in metadata can have at most ${MAX_METADATA_TEXT} characters.`);
  if (typeof text === 'string') return { text };
  // JSON has no -0: the message is the same in the event and in the database.
  if (typeof number === 'number') return { number: number + 0 };
  return { isTrue: isTrue === true };
}
