import { builder } from '../graphql/builder.ts';
import { priced } from '../graphql/pricing.ts';
import { addPartInput } from '../messages/parts.schema.ts';
import { newPart } from '../messages/parts.ts';
import { Message } from '../messages/schema.ts';
import {
  MAX_METADATA,
  MAX_METADATA_KEY,
  MAX_METADATA_TEXT,
  type MetadataEntry,
  type MetadataValue,
  metadataIn,
  metadataOf,
  metadataPart,
} from './metadata.ts';

/** Of a message when nothing else is known: most have no metadata. */
const USUAL_ENTRIES = 1;

/** Of a field that is part of the row: few messages have metadata. */
const PART = priced({ points: 0 });

const Value = builder.objectRef<MetadataValue>('MetadataValue').implement({
  description:
    'A value in the metadata of a message. Exactly one field is not null, as in MetadataValueInput.',
  fields: (t) => ({
    text: t.string({
      nullable: true,
      extensions: PART,
      description: 'A text, not Markdown.',
      resolve: ({ text }) => text ?? null,
    }),
    number: t.float({
      nullable: true,
      extensions: PART,
      description: 'A number.',
      resolve: ({ number }) => number ?? null,
    }),
    isTrue: t.boolean({
      nullable: true,
      extensions: PART,
      description: 'A truth value.',
      resolve: ({ isTrue }) => isTrue ?? null,
    }),
  }),
});

const Entry = builder.objectRef<MetadataEntry>('MetadataEntry').implement({
  description:
    'A typed value that a client has attached to a message under a key. The server gives it no meaning.',
  fields: (t) => ({
    key: t.exposeString('key', { extensions: PART, description: 'The key, unique in the message.' }),
    value: t.field({
      type: Value,
      extensions: PART,
      description: 'The value.',
      resolve: (entry) => entry,
    }),
  }),
});

builder.objectField(Message, 'metadata', (t) =>
  t.field({
    type: [Entry],
    description:
      'Typed values that the client of the author attached, in the order in which they were sent. Empty for most messages, and once ' +
      'the message is deleted. All who see the text see them.',
    extensions: { pricing: { points: 0, list: { usualSize: USUAL_ENTRIES, inEvents: true } } },
    resolve: (message, _args, ctx) => metadataOf(ctx, message) as MetadataEntry[] | Promise<MetadataEntry[]>,
  }),
);

const ValueInput = builder.inputType('MetadataValueInput', {
  description: 'A value in the metadata of a message. Give exactly one field.',
  isOneOf: true,
  fields: (t) => ({
    text: t.string({ description: `A text of at most ${MAX_METADATA_TEXT} characters; it may be empty.` }),
    number: t.float({ description: 'A finite number.' }),
    isTrue: t.boolean({ description: 'A truth value: true or false.' }),
  }),
});

const EntryInput = builder.inputType('MetadataEntryInput', {
  description: 'A typed value that is attached to a message under a key.',
  fields: (t) => ({
    key: t.string({
      required: true,
      description:
        `The key, unique in the message: a small letter, then at most ${MAX_METADATA_KEY - 1} letters of a to z, digits, underscores, ` +
        'dots and hyphens.',
    }),
    value: t.field({ type: ValueInput, required: true, description: 'The value.' }),
  }),
});

addPartInput<readonly (typeof EntryInput)['$inferInput'][]>({
  name: 'metadata',
  field: (t) =>
    t.field({
      type: [EntryInput],
      description:
        `At most ${MAX_METADATA} typed values for clients, such as the number of a ticket. The server gives them no meaning, and all who ` +
        'see the text see them.',
    }),
  partOf: (entries) => (entries.length > 0 ? metadataOfInput(entries) : null),
  edited: {
    field: (t) =>
      t.field({
        type: [EntryInput],
        description: `At most ${MAX_METADATA} values in place of all the message has; an empty list removes them. Without it, they stay.`,
      }),
    partOf: metadataOfInput,
  },
});

function metadataOfInput(entries: readonly (typeof EntryInput)['$inferInput'][]) {
  return newPart(metadataPart, metadataIn(entries, 'input.metadata'));
}
