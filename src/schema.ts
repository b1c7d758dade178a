import './accounts/schema.ts';
import './accounts/profile.schema.ts';
import './rooms/schema.ts';
import './rooms/changes.schema.ts';
import './rooms/events.schema.ts';
import './messages/schema.ts';
import './messages/events.schema.ts';
import './sync/schema.ts';
import './server-info.ts';
import { builder } from './builder.ts';

/** The whole schema: every concept has said its part by being imported. */
export const schema = builder.toSchema();
