// Subscriptions as the documentation of each says: graphql-ws alone, Yoga with graphql-ws, the same with its JIT plugin.
import { useGraphQlJit } from '@envelop/graphql-jit';
import { buildSchema } from 'graphql';
import { useServer } from 'graphql-ws/use/ws';
import { createPubSub, createYoga } from 'graphql-yoga';
import { WebSocketServer } from 'ws';
import { listen, publishing, SDL, serve, serverInfo, variant } from './serve.mjs';
import { yogaOptions } from './yoga.mjs';

const schema = buildSchema(SDL);
const pubSub = createPubSub();
const field = schema.getSubscriptionType().getFields().room;
field.subscribe = (_, { id }) => pubSub.subscribe(id);
field.resolve = (event) => event;
schema.getQueryType().getFields().serverInfo.resolve = serverInfo;

const yoga = createYoga({
  schema,
  logging: false,
  plugins: variant === 'yoga-jit' ? [useGraphQlJit()] : [],
});
const server = await listen(yoga);
const sockets = new WebSocketServer({ server, path: '/graphql' });
useServer(variant === 'graphql-ws' ? { schema } : yogaOptions(yoga), sockets);
serve(server.address().port, { publish: publishing((event) => pubSub.publish(event.topic, event)) });
