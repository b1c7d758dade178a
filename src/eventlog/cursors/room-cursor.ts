import { CursorReader, CursorWriter, InvalidCursor } from './bytes.ts';

/** Room cursor: version, epoch, room, roomSeq. It is the same for all users. */
const ROOM_VERSION = 0x11;

export interface RoomPosition {
  readonly epoch: number;
  readonly roomId: number;
  readonly roomSeq: number;
}

export function encodeRoomCursor(epoch: number, roomId: number, roomSeq: number): string {
  const out = new CursorWriter();
  out.byte(ROOM_VERSION);
  out.fixed(epoch, 4);
  out.unsigned(roomId);
  out.unsigned(roomSeq);
  return out.toString();
}

/** @throws InvalidCursor */
export function decodeRoomCursor(text: string): RoomPosition {
  const input = new CursorReader(text);
  if (input.byte() !== ROOM_VERSION) throw new InvalidCursor();
  const position = { epoch: input.fixed(4), roomId: input.unsigned(), roomSeq: input.unsigned() };
  input.end();
  return position;
}
