import type { MessageKey } from '../graphql/ids.ts';
import type { PollRow } from './store.ts';

/** A poll as it is shown. In an event, `change` is the changed vote, with its choices if they are known. */
export interface PollState extends PollRow {
  readonly change?: { readonly userId: number; readonly choices?: readonly number[] };
}

/** Hidden results are hidden from everybody, also from the author. */
export const showsResults = ({ hidesResults, closedAt }: PollRow) => !hidesResults || closedAt !== null;

/** Whether others see who has voted for what. */
export const showsVoters = (poll: PollRow) => showsResults(poll) && !poll.isAnonymous;

/** Whether votes are accepted at that time, in ms since 1970. */
export const acceptsVotes = ({ closedAt, closesAt }: PollRow, now: number) =>
  closedAt === null && (closesAt === null || closesAt > now);

// -- ids of options --------------------------------------------------------------------------------

const OPTION_ID = /^option_([1-9]\d*)_([1-9]\d*)_([1-9]\d?)$/;

export const optionIdOf = ({ roomId, roomSeq }: MessageKey, place: number) =>
  `option_${roomId}_${roomSeq}_${place}`;

/** The place of an option in this poll; null for every other id. */
export function placeOf({ roomId, roomSeq }: MessageKey, id: string): number | null {
  const [, room, seq, place] = OPTION_ID.exec(id) ?? [];
  return room === `${roomId}` && seq === `${roomSeq}` ? Number(place) : null;
}
