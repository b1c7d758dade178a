import type { Capability } from '../capability.ts';
import { permissionEventKinds } from './events.ts';

export const permissions: Capability = {
  name: 'permissions',
  roomEvents: permissionEventKinds,
};
