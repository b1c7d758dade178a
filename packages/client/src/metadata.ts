import type { Client } from './client.ts';
import { EditMetadataDocument, type MetadataEntryInput } from './generated/documents.ts';
import { successOf } from './http.ts';
import type { MetadataAnswer } from './reducer.ts';

// An entry of its own: an application without metadata does not load it. The messages of the core have their metadata.

/** Typed values by their keys. */
export type Metadata = Readonly<Record<string, string | number | boolean>>;

/** Values in the form that messages are sent with, in the order of the object. The server checks keys and lengths. */
export function toMetadata(values: Metadata): MetadataEntryInput[] {
  return Object.entries(values).map(([key, value]) => ({ key, value: valueInput(value) }));
}

function valueInput(value: Metadata[string]): MetadataEntryInput['value'] {
  if (typeof value === 'string') return { text: value };
  return typeof value === 'number' ? { number: value } : { isTrue: value };
}

/**
 * Replaces the metadata of an own message, as it is shown. `CONFLICT`: the message has changed since.
 * @throws ParleyError the refusal, or `NETWORK`
 */
export async function editMetadata(
  client: Client,
  { id, text, version }: { readonly id: string; readonly text: string; readonly version: number },
  values: Metadata,
): Promise<void> {
  const input = { messageId: id, text, expectedVersion: version, metadata: toMetadata(values) };
  successOf((await client.request(EditMetadataDocument, { input })).editMessage);
}

/** The values of a message by their keys. */
export function fromMetadata(entries: readonly MetadataAnswer[] = []): Metadata {
  return Object.fromEntries(entries.map(({ key, value }) => [key, valueOf(value)]));
}

const valueOf = ({ text, number, isTrue }: MetadataAnswer['value']) => text ?? number ?? isTrue === true;
