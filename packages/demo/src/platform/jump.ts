import { Cell } from './cell.ts';

interface Target {
  readonly roomId: string;
  readonly messageId: string;
}

/** The message that a list outside of the timeline leads to. The timeline of its room takes it. */
export const jumpTarget = new Cell<Target | null>(null);
