import { row } from '../realtime/convergence/row.ts';
import type { CapabilityCases } from './cases.ts';

export const presence: CapabilityCases = {
  name: 'presence',
  mutations: {
    setTyping: row(
      3,
      (world, actor) => ({ roomId: world.roomId(actor), isTyping: world.random.chance(0.8) }),
      'roomId',
    ),
  },
  inputs: { isTyping: true },
};
