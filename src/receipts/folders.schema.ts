import { Viewer } from '../accounts/schema.ts';
import { builder } from '../graphql/builder.ts';
import { pricedList } from '../graphql/pricing.ts';
import { type Folder, foldersOf } from './folders.ts';

const RoomFolder = builder.objectRef<Folder>('RoomFolder').implement({
  description: "A section of the viewer's own list of rooms.",
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name. No two folders of a viewer have the same.' }),
    roomCount: t.exposeInt('rooms', { description: 'How many rooms are in it.' }),
  }),
});

/** Of a viewer when nothing else is known. */
const USUAL_FOLDERS = 5;

builder.objectField(Viewer, 'folders', (t) =>
  t.field({
    type: [RoomFolder],
    description:
      'The folders with rooms in them, by name. The list of rooms has a filter for the rooms of one.',
    extensions: pricedList({ usualSize: USUAL_FOLDERS, inEvents: false }),
    resolve: ({ userId }, _args, { node }) => foldersOf(node, userId),
  }),
);
