import type { Client } from './client.ts';
import {
  type DeviceFieldsFragment,
  DevicesDocument,
  EndDeviceDocument,
  EndDevicesDocument,
  NewPasswordDocument,
} from './generated/documents.ts';
import { successOf } from './http.ts';

// An entry of its own: an application without account settings does not load it.

/** A device on which the viewer is signed in. */
export type DeviceInfo = DeviceFieldsFragment;

/**
 * The devices on which the viewer is signed in, the latest sign-in first.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function devicesOf(client: Client): Promise<readonly DeviceInfo[]> {
  const all: DeviceInfo[] = [];
  for (let after: string | null | undefined; after !== null; ) {
    const { viewer } = await client.request(DevicesDocument, after === undefined ? {} : { after });
    if (!viewer) return [];
    all.push(...viewer.sessions.nodes);
    const { hasNextPage, endCursor } = viewer.sessions.pageInfo;
    after = hasNextPage ? endCursor : null;
  }
  return all;
}

/**
 * Signs another device out. Use `client.logout` for this one.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function signOutDevice(client: Client, sessionId: string): Promise<void> {
  successOf((await client.request(EndDeviceDocument, { input: { sessionId } })).revokeSession);
}

/**
 * Signs all other devices out; resolves with their number.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function signOutOthers(client: Client): Promise<number> {
  return successOf((await client.request(EndDevicesDocument, { input: {} })).logoutAllSessions).endedCount;
}

/**
 * Changes the viewer's password, and signs all other devices out.
 * @throws ParleyError `INVALID_CREDENTIALS` for a wrong current password, another refusal, or `NETWORK`
 */
export async function changePassword(
  client: Client,
  currentPassword: string,
  newPassword: string,
): Promise<void> {
  const input = { currentPassword, newPassword };
  successOf((await client.request(NewPasswordDocument, { input })).changePassword);
}

// Programs that contain another one's name come before it.
const PROGRAMS = [
  ['Edge', /\bEdgA?\//],
  ['Opera', /\bOPR\//],
  ['Samsung Internet', /\bSamsungBrowser\//],
  ['Firefox', /\b(?:Firefox|FxiOS)\//],
  ['Chrome', /(?:Chrome|CriOS)\//],
  ['Safari', /\bSafari\//],
] as const;
const SYSTEMS = [
  ['iPhone', /\biPhone\b/],
  ['iPad', /\biPad\b/],
  ['Android', /\bAndroid\b/],
  ['Windows', /\bWindows\b/],
  ['ChromeOS', /\bCrOS\b/],
  ['macOS', /\bMac OS X\b/],
  ['Linux', /\bLinux\b/],
] as const;

const named = (list: readonly (readonly [string, RegExp])[], text: string) =>
  list.find(([, pattern]) => pattern.test(text))?.[0];

/**
 * A short name for a device: as the user called it, or the browser and the system, such as "Firefox, Linux", or the program.
 * Null if nothing is known.
 */
export function deviceLabel({
  deviceName,
  userAgent,
}: Pick<DeviceInfo, 'deviceName' | 'userAgent'>): string | null {
  if (deviceName) return deviceName;
  const text = userAgent ?? '';
  const known = [named(PROGRAMS, text), named(SYSTEMS, text)].filter((name) => name !== undefined);
  return known.join(', ') || text.split(/[\s/]/, 1)[0] || null;
}
