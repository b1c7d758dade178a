import { requireLifetime } from '../rooms/lifetime.ts';
import { type MessagePart, type NewPart, newPart } from './parts.ts';

interface Lifetime {
  readonly seconds: number;
}

/** A message that expires before the other messages of its room. */
const lifetimePart: MessagePart<Lifetime> = {
  name: 'lifetime',
  shownBy(message, { seconds }) {
    const ownMs = message.createdAt.getTime() + seconds * 1_000;
    const expiresAt = new Date(Math.min(ownMs, message.expiresAt?.getTime() ?? ownMs));
    return { ...message, expiresAt };
  },
};

/** @throws ValidationError */
export const lifetimeOf = (seconds: number): NewPart =>
  newPart(lifetimePart, { seconds: requireLifetime(seconds, 'input.expiresInSeconds') });
