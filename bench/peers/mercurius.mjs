import Fastify from 'fastify';
import mercurius from 'mercurius';
import { publishing, SDL, serve, serverInfo, settings } from './serve.mjs';

const app = Fastify({ logger: false });
app.register(mercurius, {
  schema: SDL,
  jit: 1,
  subscription: { wsDefaultSubprotocol: 'graphql-transport-ws' },
  resolvers: {
    Query: { serverInfo },
    Subscription: {
      room: { subscribe: (_, { id }, { pubsub }) => pubsub.subscribe(id), resolve: (event) => event },
    },
  },
});
await app.ready();
await app.listen({ port: Number(settings.port), host: '127.0.0.1', backlog: 4096 });
const publish = (event) => app.graphql.pubsub.publish({ topic: event.topic, payload: event });
serve(app.server.address().port, { publish: publishing(publish) });
