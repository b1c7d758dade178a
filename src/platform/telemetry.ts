import cluster from 'node:cluster';
import { type Logger, pino, stdTimeFunctions } from 'pino';
import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';

export type Log = Logger;

/** JSON lines on stdout. Never message text, tokens or connection parameters. */
export function createLog(level: string, name: string): Log {
  return pino({
    level,
    base: { node: name },
    timestamp: stdTimeFunctions.isoTime,
    redact: {
      paths: ['authorization', '*.authorization', '*.password', '*.token', '*.text', 'err.detail'],
      censor: '[redacted]',
    },
  });
}

/** The parent process adds up the metrics of its workers. */
function shareWithPrimary(registry: Registry): void {
  new AggregatorRegistry(); // answers on the channel
  AggregatorRegistry.setRegistries([registry]);
}

const seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** The metrics of one node. Labels are bounded: nothing that a client chooses becomes one. */
export function createMetrics() {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  if (cluster.isWorker) shareWithPrimary(registry);
  const registers = [registry];
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const labelled = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Gauge({ name, help, labelNames, registers });
  const counter = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Counter({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, labelNames: L[] = [], buckets = seconds) =>
    new Histogram({ name, help, labelNames, buckets, registers });
  const consumerLags = new Map<string, () => number>();
  const consumerLag = new Gauge({
    name: 'parley_consumer_lag_seconds',
    help: 'Age of the position of a log consumer.',
    labelNames: ['consumer'],
    registers,
    aggregator: 'max',
    collect() {
      for (const [consumer, seconds] of consumerLags) this.set({ consumer }, seconds());
    },
  });
  return {
    registry,
    /** What tells how old the position of each consumer is. */
    consumerLags,
    consumerLag,
    consumerEvents: counter(
      'parley_consumer_events_total',
      'Events that log consumers of this node have processed.',
      ['consumer'],
    ),
    consumerLeads: labelled('parley_consumer_leads', '1 on the node that works for the consumer.', [
      'consumer',
    ]),
    consumerRooms: labelled(
      'parley_consumer_rooms',
      'Rooms in which a log consumer has stopped: waiting for a retry, or dead letters.',
      ['consumer', 'state'],
    ),
    jobs: counter('parley_jobs_total', 'Attempts at jobs on this node, by outcome.', ['task', 'outcome']),
    jobsWaiting: labelled('parley_jobs', 'Jobs in the queue of all nodes, waiting or dead.', ['state']),
    roomEvents: labelled('parley_room_events', 'Events in all rooms since the consumer began, by kind.', [
      'kind',
    ]),
    sockets: gauge('parley_sockets', 'Open WebSocket connections.'),
    streams: gauge('parley_streams', 'Live subscriptions.'),
    followedRooms: gauge('parley_followed_rooms', 'Rooms followed by this node.'),
    inboxRooms: gauge('parley_inbox_rooms', 'Rooms followed for inboxes, counted once per user.'),
    busHealthy: gauge('parley_bus_healthy', '1 while announcements from other nodes are proven to arrive.'),
    events: counter('parley_events_delivered_total', 'Items sent to subscribers.', ['kind']),
    executions: counter(
      'parley_executions_total',
      'Executions of stream items, by scope: one event for a shared operation, one event for one viewer, or a control item.',
      ['scope'],
    ),
    logReads: counter('parley_log_reads_total', 'Reads of a room log, by reason.', ['reason']),
    announcements: counter('parley_announcements_total', 'Announcements received, by result.', ['outcome']),
    nodes: new Gauge({
      name: 'parley_nodes',
      help: 'Nodes that are alive as seen by this node, itself included.',
      registers,
      aggregator: 'max',
    }),
    ephemeralValues: gauge('parley_ephemeral_values', 'Ephemeral values that this node has published.'),
    ephemeralPackets: counter(
      'parley_ephemeral_packets_total',
      'Packets with ephemeral values: sent, received or refused; full counts values over the limit of a topic.',
      ['outcome'],
    ),
    headChecks: counter('parley_head_checks_total', 'Head checks, by result.', ['result']),
    clockSkew: gauge(
      'parley_clock_skew_seconds',
      "The node's clock minus the database's clock, at the last retention run.",
    ),
    retentionLag: gauge(
      'parley_retention_lag_seconds',
      "The database's clock minus the time that retention uses.",
    ),
    posts: counter('parley_posts_total', 'Posts, by outcome.', ['outcome']),
    busyRooms: gauge('parley_busy_rooms', 'Rooms whose changes wait for the lock of the room.'),
    changeBatch: histogram(
      'parley_change_batch_size',
      'Posts and other batched changes in one database call.',
      [],
      [1, 2, 4, 8, 16, 32, 64, 128, 256],
    ),
    postSeconds: histogram('parley_post_seconds', 'Time from accepting a post to its commit.'),
    deliverySeconds: histogram(
      'parley_delivery_seconds',
      'Time from storing an event to sending it on live streams.',
    ),
    operations: histogram('parley_operation_seconds', 'GraphQL operations.', [
      'type',
      'transport',
      'outcome',
    ]),
    statements: counter('parley_sql_statements_total', 'SQL statements sent.', ['pool']),
    documents: counter(
      'parley_documents_total',
      'Documents that were not in the document cache, by outcome.',
      ['outcome'],
    ),
    streamEnds: counter('parley_stream_ends_total', 'Streams ended by the server, by reason.', ['reason']),
    refusals: counter('parley_refusals_total', 'Refusals, by code.', ['code']),
    rateLimited: counter(
      'parley_rate_limited_total',
      'Requests, messages and operations refused before they ran, by the limit that they exceeded.',
      ['limit'],
    ),
    internalErrors: counter('parley_internal_errors_total', 'Internal errors, which clients see masked.'),
  };
}

export type Metrics = ReturnType<typeof createMetrics>;
