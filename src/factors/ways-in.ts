import type { Services } from '../context.ts';
import type { WaysIn } from './passkeys.store.ts';
import { relyingPartyOf } from './relying-party.ts';

/** What signs in at this server, besides passwords: no user may remove the last one. */
export const waysIn = ({ settings }: Pick<Services, 'settings'>): WaysIn => ({
  issuers: settings.ISSUERS.map(({ issuer }) => issuer),
  domain: relyingPartyOf(settings)?.id ?? null,
});
