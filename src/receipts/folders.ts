import type { Services } from '../context.ts';
import { countCharacters, isReadableName, UNREADABLE_NAME } from '../platform/characters.ts';
import { invalid } from '../platform/errors.ts';
import { type Folder, listFolders } from './store.ts';

export type { Folder };

/** Characters of a name. */
export const MAX_FOLDER_NAME = 50;

/**
 * Without spaces around it; empty for none.
 *
 * @throws ValidationError
 */
export function folderName(name: string): string {
  const trimmed = name.trim().normalize('NFC');
  if (countCharacters(trimmed) > MAX_FOLDER_NAME)
    throw invalid('input.folder', `The name of a folder has at most ${MAX_FOLDER_NAME} characters.`);
  if (trimmed !== '' && !isReadableName(trimmed)) throw invalid('input.folder', UNREADABLE_NAME);
  return trimmed;
}

/** The folders of a user that have rooms in them, by name. */
export function foldersOf({ db }: Services, userId: number): Promise<Folder[]> {
  return listFolders(db.read, userId);
}
