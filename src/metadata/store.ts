import type { MessageKey } from '../graphql/ids.ts';
import { statement } from '../platform/db.ts';

/** A value as a client gave it, with one of the three fields. */
export interface MetadataValue {
  readonly text?: string;
  readonly number?: number;
  readonly isTrue?: boolean;
}

/** As it is stored. */
export type MetadataEntry = MetadataValue & { readonly key: string };

/** The metadata of a message. */
export interface MetadataRow extends MessageKey {
  readonly entries: readonly MetadataEntry[];
}

/** The metadata of many messages. Messages without any are missing. */
export const metadataOfMessages = statement(`
  SELECT d.room_id AS "roomId", d.room_seq AS "roomSeq", d.entries
  FROM unnest($1::bigint[], $2::bigint[]) AS x(room_id, room_seq)
  CROSS JOIN LATERAL (SELECT * FROM message_metadata d WHERE d.room_id = x.room_id AND d.room_seq = x.room_seq LIMIT 1) d`);
