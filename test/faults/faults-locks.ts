import { setTimeout as delay } from 'node:timers/promises';
import type { Fault } from './faults-nodes.ts';

/**
 * Another session holds the lock of one room: an operator in psql, or a transaction that hangs. Other rooms must not be
 * affected.
 */
const headLockHeld: Fault = async (arena) => {
  const { cluster } = arena.world;
  const room = arena.hotRoom.id;
  await cluster.postgres.session(async (rows) => {
    await rows('BEGIN');
    await rows('SELECT 1 FROM room_heads WHERE room_id = $1 FOR UPDATE', [room]);
    await arena.during('head lock held', `room ${room}`, () => delay(arena.tier.lockMs), room);
    await rows('ROLLBACK');
  });
};

export const lockFaults = { 'head lock held': headLockHeld };
