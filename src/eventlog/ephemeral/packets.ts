import type { OwnValue } from './own-values.ts';

const VERSION = 1;
/** Maximum length of a packet before it is split, in UTF-16 units: below MAX_PACKET_BYTES with any characters. */
const PACKET_LENGTH = 100_000;
const TOPICS_PER_ASK = 1_000;

/** A value in a packet: key, version, remaining time in ms (null: a lease), and the JSON or null. */
export type ToldValue = readonly [key: string, version: number, forMs: number | null, value: string | null];

export interface ToldTopic {
  readonly topic: string;
  /** Whether these are all values of the sender. */
  readonly isWhole: boolean;
  readonly values: readonly ToldValue[];
}

/** `ask`: the sender watches these topics and requests their values. `tell`: values of the sender. */
export type EphemeralPacket =
  | { readonly from: string; readonly ask: readonly string[] }
  | { readonly from: string; readonly tell: readonly ToldTopic[] };

export function askPackets(from: string, topics: readonly string[]): string[] {
  const packets: string[] = [];
  for (let i = 0; i < topics.length; i += TOPICS_PER_ASK)
    packets.push(JSON.stringify({ v: VERSION, from, ask: topics.slice(i, i + TOPICS_PER_ASK) }));
  return packets;
}

/**
 * Splits values into as few packets as their length allows. A set that does not fit into one packet is sent in parts,
 * none of them marked as whole.
 */
export function tellPackets(from: string, topics: readonly ToldTopic[]): string[] {
  const packets: string[] = [];
  let [open, length]: [string[], number] = [[], 0];
  const close = () => {
    if (open.length > 0)
      packets.push(`{"v":${VERSION},"from":${JSON.stringify(from)},"tell":[${open.join()}]}`);
    [open, length] = [[], 0];
  };
  for (const part of topics.flatMap(partsOf)) {
    const json = JSON.stringify(part);
    if (length + json.length > PACKET_LENGTH) close();
    open.push(json);
    length += json.length;
  }
  close();
  return packets;
}

function partsOf(told: ToldTopic): ToldTopic[] {
  if (JSON.stringify(told).length <= PACKET_LENGTH) return [told];
  const half = Math.ceil(told.values.length / 2);
  const halves = [told.values.slice(0, half), told.values.slice(half)];
  return halves.flatMap((values) => partsOf({ topic: told.topic, isWhole: false, values }));
}

/** The value as other nodes receive it now. */
export function toldValue({ key, version, value, endsAt }: OwnValue): ToldValue {
  return [key, version, endsAt === null ? null : Math.max(0, Math.round(endsAt - performance.now())), value];
}

/**
 * Decodes a packet without checking its shape, because a node of this deployment sealed it. Returns null for another
 * version of the format.
 */
export function decodePacket(text: string): EphemeralPacket | null {
  try {
    const packet = JSON.parse(text) as EphemeralPacket & { readonly v: number };
    return packet.v === VERSION ? packet : null;
  } catch {
    return null;
  }
}
