import type { CapabilityCases } from './cases.ts';
import { drafts } from './drafts.ts';
import { emojis } from './emojis.ts';
import { erasure } from './erasure.ts';
import { factors } from './factors.ts';
import { forwards } from './forwards.ts';
import { identities } from './identities.ts';
import { invites } from './invites.ts';
import { locations } from './locations.ts';
import { mentions } from './mentions.ts';
import { metadata } from './metadata.ts';
import { moderation } from './moderation.ts';
import { permissions } from './permissions.ts';
import { pins } from './pins.ts';
import { polls } from './polls.ts';
import { presence } from './presence.ts';
import { privacy } from './privacy.ts';
import { reactions } from './reactions.ts';
import { receipts } from './receipts.ts';
import { requests } from './requests.ts';
import { revisions } from './revisions.ts';
import { saved } from './saved.ts';
import { settings } from './settings.ts';
import { threads } from './threads.ts';

/** The capabilities on top of accounts, rooms and messages, which the shared tests are written with. */
export const capabilityCases: readonly CapabilityCases[] = [
  factors,
  identities,
  emojis,
  mentions,
  revisions,
  metadata,
  reactions,
  receipts,
  pins,
  threads,
  polls,
  forwards,
  locations,
  saved,
  drafts,
  presence,
  invites,
  permissions,
  moderation,
  settings,
  privacy,
  requests,
  erasure,
];

/** One part of all capabilities, if it is an object. */
export function allOf<
  Part extends 'limits' | 'causes' | 'mutations' | 'inputs' | 'lists' | 'plans' | 'selections' | 'audits',
>(part: Part): NonNullable<CapabilityCases[Part]> {
  return Object.assign({}, ...capabilityCases.map((cases) => cases[part]));
}

/** What tests store before users act. */
export const storedRows = capabilityCases.flatMap(({ stored = [] }) => stored);

export const satelliteCases = capabilityCases.flatMap(({ satellite = [] }) => satellite);

/** Those that are attached to messages that exist already. */
export const attachedCases = satelliteCases.flatMap(({ attach, event }) =>
  attach && event ? [{ attach, event }] : [],
);
