// A process that owns a data folder, for tests that kill it. It prints one line of JSON, and runs until it is stopped
// (by SIGTERM, or the end of its input when the test has died), or killed.
import { startEmbeddedPostgres } from '../../src/embedded-postgres/embedded-postgres.ts';

try {
  const server = await startEmbeddedPostgres({ dataDir: process.argv[2] ?? '' });
  const end = () => void server.stop().then(() => process.exit(0));
  process.once('SIGTERM', end);
  process.stdin.once('end', end).resume();
  const { url, port, pid, cold, adopted } = server;
  console.log(JSON.stringify({ url, port, pid, cold, adopted }));
} catch (error) {
  console.log(JSON.stringify({ error: (error as Error).message }));
}
