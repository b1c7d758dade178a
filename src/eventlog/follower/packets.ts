import { MAX_PACKET_BYTES } from '../../platform/sealing.ts';

/** The JSON of one room or account. */
export interface Part {
  readonly id: number;
  readonly json: string;
}

/** Packets of more than this are split, in bytes. Any packet of parts within their bound stays below MAX_PACKET_BYTES. */
const PACKET_BYTES = MAX_PACKET_BYTES / 2;

// -- packets -----------------------------------------------------------------------------------

export type LogType = 'rooms' | 'accounts';

/** The content of one message between nodes: `<topic> <id>:<length>,… <json><json>…`, lengths in UTF-16 units. */
export interface Packet {
  readonly topic: LogType;
  /** The id of the first part. */
  readonly id: number;
  readonly text: string;
}

/** Packs parts into as few packets as their lengths allow. */
export function pack(topic: LogType, parts: readonly Part[]): Packet[] {
  const packets: Packet[] = [];
  let [index, body, bytes, first] = ['', '', 0, 0];
  const close = () => packets.push({ topic, id: first, text: `${topic} ${index} ${body}` });
  for (const { id, json } of parts) {
    const entry = `${id}:${json.length}`;
    const length = entry.length + 1 + Buffer.byteLength(json);
    if (index !== '' && bytes + length > PACKET_BYTES) {
      close();
      [index, body, bytes] = ['', '', 0];
    }
    if (index === '') first = id;
    index += `${index && ','}${entry}`;
    body += json;
    bytes += length;
  }
  if (index) close();
  return packets;
}

/** Returns the wanted parts without parsing the others. Returns null for a text that is not a packet. */
export function unpack(text: string, isWanted: (topic: LogType, id: number) => boolean): Unpacked | null {
  const [first, second] = [text.indexOf(' '), text.indexOf(' ', text.indexOf(' ') + 1)];
  const topic = text.slice(0, first);
  if (second < 0 || (topic !== 'rooms' && topic !== 'accounts')) return null;
  const parts: Part[] = [];
  let at = second + 1;
  for (const entry of text.slice(first + 1, second).split(',')) {
    const [id = Number.NaN, length = 0] = entry.split(':').map(Number);
    if (isWanted(topic, id)) parts.push({ id, json: text.slice(at, at + length) });
    at += length;
  }
  return { topic, parts };
}

export interface Unpacked {
  readonly topic: LogType;
  readonly parts: readonly Part[];
}
