import './graphql/root-types.ts';
import './graphql/scalars.ts';
import './graphql/errors.ts';
import './graphql/server-info.ts';
import './accounts/schema.ts';
import './accounts/sessions.schema.ts';
import './accounts/profile.schema.ts';
import './rooms/schema.ts';
import './rooms/changes.schema.ts';
import './rooms/events.schema.ts';
import './messages/schema.ts';
import './messages/events.schema.ts';
import './mentions/schema.ts';
import './reactions/schema.ts';
import './reactions/events.schema.ts';
import './receipts/unread.schema.ts';
import './receipts/schema.ts';
import './receipts/marks.schema.ts';
import './receipts/preferences.schema.ts';
import './receipts/events.schema.ts';
import './pins/schema.ts';
import './pins/events.schema.ts';
import './presence/schema.ts';
import './sync/schema.ts';
import { builder } from './graphql/builder.ts';

/** The whole schema: every concept has said its part by being imported. Streams come last: they show what the others are. */
export const schema = builder.toSchema();
