import type { Capability } from '../capability.ts';
import { settingsEventKinds } from './events.ts';

export const settings: Capability = {
  name: 'settings',
  roomEvents: settingsEventKinds,
};
