import { messageEventType } from '../messages/events.schema.ts';
import { pinEventKinds } from './events.ts';

for (const kind of pinEventKinds) messageEventType(kind);
