import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { capabilities, messageSatellites } from '../../src/capabilities.ts';
import { capabilityCases, satelliteCases } from '../capabilities/all.ts';

// The cases of each capability for the shared tests. Without them, those tests would pass and prove nothing.

/** The shared tests are written with these. */
const base = ['accounts', 'rooms', 'messages'];

test('every capability is registered under the name of its folder', () => {
  for (const { name } of capabilities)
    expect([name, existsSync(`src/${name}/capability.ts`)]).toEqual([name, true]);
});

test('every capability on top of accounts, rooms and messages has cases in test/capabilities', () => {
  const names = capabilities.map(({ name }) => name).filter((name) => !base.includes(name));
  expect(capabilityCases.map(({ name }) => name)).toEqual(names);
});

test('every satellite has cases, and every kind of event has a cause', () => {
  expect(satelliteCases).toHaveLength(messageSatellites.length);
  for (const { name, causes = {} } of capabilityCases) {
    const capability = capabilities.find((each) => each.name === name);
    const kinds = [...(capability?.roomEvents ?? []), ...(capability?.accountEvents ?? [])];
    expect(Object.keys(causes)).toEqual(kinds.map((kind) => kind.name));
  }
});
