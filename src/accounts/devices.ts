import type { Context } from '../context.ts';
import { isReadableName, UNREADABLE_NAME } from '../platform/characters.ts';
import { invalid } from '../platform/errors.ts';
import { lengthOf } from './credentials.ts';
import type { NewSession } from './sessions.store.ts';
import { hashOf, newOpaqueToken } from './tokens.ts';

/** In characters as people count them. */
export const MAX_DEVICE_NAME = 100;
/** In UTF-16 units. Longer headers are cut. */
export const MAX_USER_AGENT = 200;

/** Input of all mutations that start a session. */
export interface OnDevice {
  readonly deviceName?: string | null | undefined;
}

/** The description of `deviceName` in the API. */
export const DEVICE_NAME = `What the user calls this device, at most ${MAX_DEVICE_NAME} characters. It is shown in the list of sessions.`;

/** Returns the name without white space around it; null for no name. @throws ValidationError */
export function checkedDeviceName(name: string | null | undefined): string | null {
  const trimmed = name?.trim() ?? '';
  if (trimmed === '') return null;
  const path = 'input.deviceName';
  if (lengthOf(trimmed) > MAX_DEVICE_NAME)
    throw invalid(path, `The name of a device can have at most ${MAX_DEVICE_NAME} characters.`);
  if (!isReadableName(trimmed)) throw invalid(path, UNREADABLE_NAME);
  return trimmed;
}

/**
 * A session to store, on the device of the request, and its first refresh token.
 * @throws ValidationError for the name of the device
 */
export function newSession(
  { node, connection }: Context,
  { deviceName }: OnDevice,
): { readonly session: NewSession; readonly refreshToken: string } {
  const refreshToken = newOpaqueToken();
  const session = {
    refreshHash: hashOf(refreshToken),
    days: node.settings.REFRESH_TOKEN_TTL_DAYS,
    deviceName: checkedDeviceName(deviceName),
    userAgent: connection.userAgent?.slice(0, MAX_USER_AGENT) ?? null,
  };
  return { session, refreshToken };
}
