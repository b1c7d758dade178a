import { builder } from '../graphql/builder.ts';
import { roomEventType } from '../rooms/events.schema.ts';
import { type OverrideFacts, permissionsChanged } from './events.ts';
import { RoomPermissionOverride } from './schema.ts';

builder.objectField(roomEventType(permissionsChanged), 'override', (t) =>
  t.field({
    type: RoomPermissionOverride,
    description: 'The override as of the event. If it is empty, it was removed.',
    resolve: ({ event: { subject, facts } }) => ({ target: subject ?? 0, ...(facts as OverrideFacts) }),
  }),
);
