import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client.ts';

const names = new Map();

/** With statements that are prepared once, which is the fastest that the adapter offers. */
export function openPrisma(pool) {
  const statementNameGenerator = ({ sql }) => {
    if (!names.has(sql)) names.set(sql, `s${names.size}`);
    return names.get(sql);
  };
  return new PrismaClient({ adapter: new PrismaPg(pool, { statementNameGenerator }) });
}

const PATIENCE = { maxWait: 60_000, timeout: 60_000 };

/** The interactive transaction that numbers a message without gaps. `isBare`: without its event. */
export function postMessage(prisma, { id, roomId, authorId, key, text }, { isBare = false } = {}) {
  return prisma.$transaction(async (tx) => {
    const { lastSeq: seq } = await tx.room.update({
      where: { id: roomId },
      data: { lastSeq: { increment: 1 } },
      select: { lastSeq: true },
    });
    if (!isBare)
      await tx.event.create({
        data: { roomId, seq, kind: 1, actorId: authorId, subject: seq },
        select: { seq: true },
      });
    return tx.message.create({ data: { id, roomId, seq, authorId, idempotencyKey: key, text } });
  }, PATIENCE);
}
