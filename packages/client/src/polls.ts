import type { Client } from './client.ts';
import {
  ClosePollDocument,
  CreatePollDocument,
  type CreatePollInput,
  VotePollDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';
import { newKey } from './keys.ts';
import type { PollAnswer } from './reducer.ts';

// An entry of its own: an application without polls does not load it. The state of polls is in the messages of the core.

/** The poll of a message, as the messages of a room have it. */
export type Poll = PollAnswer;

export type NewPoll = Pick<CreatePollInput, 'question' | 'options'> &
  Partial<
    Pick<
      CreatePollInput,
      | 'maxChoices'
      | 'isAnonymous'
      | 'resultsVisibility'
      | 'closesAt'
      | 'threadRootId'
      | 'alsoSendToRoom'
      | 'idempotencyKey'
    >
  >;

/**
 * Sends a message with a poll, and returns its id. To repeat it after `NETWORK`, give it an `idempotencyKey`.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function createPoll(client: Client, roomId: string, poll: NewPoll): Promise<string> {
  const input = { idempotencyKey: newKey(), ...poll, roomId };
  return successOf((await client.request(CreatePollDocument, { input })).createPoll).message.id;
}

/**
 * Sets all choices of the viewer, in place of the earlier ones; none takes the vote back. It may be repeated.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function votePoll(
  client: Client,
  messageId: string,
  optionIds: readonly string[],
): Promise<void> {
  const input = { messageId, optionIds: [...optionIds] };
  successOf((await client.request(VotePollDocument, { input })).votePoll);
}

/**
 * Closes a poll for good. It may be repeated.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function closePoll(client: Client, messageId: string): Promise<void> {
  successOf((await client.request(ClosePollDocument, { input: { messageId } })).closePoll);
}

/** Returns the choices after a click on an option, which adds or removes it. With `maxChoices: 1` it replaces the other. */
export function toggled({ maxChoices, viewerVotes }: Poll, optionId: string): string[] {
  const chosen = viewerVotes ?? [];
  if (chosen.includes(optionId)) return chosen.filter((id) => id !== optionId);
  return maxChoices === 1 ? [optionId] : [...chosen, optionId];
}

/** Whether votes are accepted, by the clock of this device. */
export function isOpen({ closedAt, closesAt }: Poll, now = Date.now()): boolean {
  return closedAt === null && (closesAt === null || Date.parse(closesAt) > now);
}
