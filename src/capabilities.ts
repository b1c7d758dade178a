import { accounts } from './accounts/capability.ts';
import { findPeople } from './accounts/people.ts';
import type { Capability } from './capability.ts';
import type { Services } from './context.ts';
import { drafts } from './drafts/capability.ts';
import { emojis } from './emojis/capability.ts';
import { erasure } from './erasure/capability.ts';
import type { LogConsumer } from './eventlog/consumers/consumer.ts';
import { EventRegistry } from './eventlog/registry.ts';
import { factors } from './factors/capability.ts';
import { forwards } from './forwards/capability.ts';
import { identities } from './identities/capability.ts';
import { invites } from './invites/capability.ts';
import { locations } from './locations/capability.ts';
import { mentions } from './mentions/capability.ts';
import { messages } from './messages/capability.ts';
import { metadata } from './metadata/capability.ts';
import { moderation } from './moderation/capability.ts';
import { permissions } from './permissions/capability.ts';
import { pins } from './pins/capability.ts';
import type { Chore } from './platform/hourly.ts';
import type { JobHandlers } from './platform/jobs.ts';
import { polls } from './polls/capability.ts';
import { presence } from './presence/capability.ts';
import { privacy } from './privacy/capability.ts';
import { reactions } from './reactions/capability.ts';
import { receipts } from './receipts/capability.ts';
import { requests } from './requests/capability.ts';
import { revisions } from './revisions/capability.ts';
import { rooms } from './rooms/capability.ts';
import { saved } from './saved/capability.ts';
import { settings } from './settings/capability.ts';
import { threads } from './threads/capability.ts';

/** The concepts, by the names of their folders. Each may import those before it: scripts/imports/table.ts reads this list. */
export const capabilities: readonly Capability[] = [
  accounts,
  factors,
  identities,
  rooms,
  messages,
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

/** Everything that is attached to messages. */
export const messageSatellites = capabilities.flatMap(({ satellites = [] }) => satellites);

/** Every kind of event, and of item beside the logs. */
export function createEventRegistry(): EventRegistry {
  const unread = capabilities.find((capability) => capability.unread)?.unread;
  return new EventRegistry({
    room: capabilities.flatMap(({ roomEvents = [] }) => roomEvents),
    account: capabilities.flatMap(({ accountEvents = [] }) => accountEvents),
    ephemeral: capabilities.flatMap(({ ephemeral = [] }) => ephemeral),
    people: findPeople,
    ...(unread && { unread }),
  });
}

/** Starts the work of all concepts. Returns the functions that end it. */
export function startTasks(node: Services): readonly (() => Promise<void>)[] {
  return capabilities.flatMap(({ tasks = [] }) => tasks.map((start) => start(node)));
}

export function createConsumers(node: Services): readonly LogConsumer[] {
  return capabilities.flatMap(({ consumers }) => consumers?.(node) ?? []);
}

export function createChores(node: Services): readonly Chore[] {
  return capabilities.flatMap(({ chores }) => chores?.(node) ?? []);
}

export function createJobHandlers(node: Services): JobHandlers {
  return Object.assign({}, ...capabilities.map(({ jobs }) => jobs?.(node)));
}
