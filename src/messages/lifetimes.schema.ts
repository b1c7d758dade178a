import { lifetimeOf } from './lifetimes.ts';
import { addPartInput } from './parts.schema.ts';

addPartInput<number>({
  name: 'expiresInSeconds',
  field: (t) =>
    t.int({
      description:
        'Seconds after which the message disappears, 5 to 31,622,400 (366 days). The lifetime of the messages of the room holds if it ' +
        'is shorter.',
    }),
  partOf: lifetimeOf,
});
