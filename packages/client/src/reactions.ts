import type { Model, ReactionEntry } from './model.ts';
import type { Message, ReactionsAnswer } from './reducer.ts';

/** All reactions to a message with the same emoji. */
export interface ReactionInfo {
  readonly emoji: string;
  readonly count: number;
  readonly viewerHasReacted: boolean;
}

export type NewReaction = Omit<ReactionEntry, 'roomSeq'>;

const none: readonly ReactionsAnswer[] = [];

/** Adds an entry, which replaces an earlier one. Adds nothing if the state shows the reaction already. */
export function addReaction(model: Model, entry: NewReaction): Model {
  const { roomId, messageId, emoji } = entry;
  const key = `${messageId} ${emoji}`;
  const groups = model.state?.rooms[roomId]?.messages[messageId]?.reactions ?? none;
  const isShown = groups.some((group) => group.emoji === emoji && group.viewerHasReacted) === entry.isAdded;
  if (model.reactions[key] ? model.reactions[key].isAdded === entry.isAdded : isShown) return model;
  return { ...model, reactions: { ...model.reactions, [key]: { ...entry, roomSeq: null } } };
}

/** Changes an entry, or removes it with null. Does nothing if another entry has replaced it. */
export function changeReaction(
  model: Model,
  key: string,
  entry: ReactionEntry,
  next: ReactionEntry | null,
): Model {
  if (model.reactions[key] !== entry) return model;
  const { [key]: _replaced, ...others } = model.reactions;
  return { ...model, reactions: next ? { ...others, [key]: next } : others };
}

/** Removes the entries that the state shows. */
export function settleReactions(model: Model): Model {
  return Object.entries(model.reactions).reduce((next, [key, entry]) => {
    const room = model.state?.rooms[entry.roomId];
    const isShown = entry.roomSeq !== null && entry.roomSeq <= (room?.lastRoomSeq ?? entry.roomSeq);
    return isShown ? changeReaction(next, key, entry, null) : next;
  }, model);
}

/** Returns the groups of a message with the changes of this device; the same object if there are none. */
export function reactionsOf({ id, reactions = none }: Message, entries: Model['reactions']): ReactionInfo[] {
  return Object.values(entries)
    .filter(({ messageId }) => messageId === id)
    .reduce(withEntry, reactions) as ReactionInfo[];
}

function withEntry(
  groups: readonly ReactionsAnswer[],
  { emoji, isAdded }: ReactionEntry,
): readonly ReactionsAnswer[] {
  const held = groups.find((group) => group.emoji === emoji) ?? { emoji, count: 0, viewerHasReacted: false };
  if (held.viewerHasReacted === isAdded) return groups;
  const changed = { emoji, count: held.count + (isAdded ? 1 : -1), viewerHasReacted: isAdded };
  const next = groups.includes(held)
    ? groups.map((group) => (group === held ? changed : group))
    : [...groups, changed];
  return next.filter(({ count }) => count > 0);
}
