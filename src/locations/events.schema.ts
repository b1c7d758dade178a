import { messageEventType } from '../messages/events.schema.ts';
import { liveLocationEnded } from './events.ts';

messageEventType(liveLocationEnded);
