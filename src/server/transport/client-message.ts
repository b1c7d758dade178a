/** What clients of graphql-transport-ws send. */
export type FromClient = { type: string; id?: unknown };

const fromClients = new Set(['connection_init', 'ping', 'pong', 'subscribe', 'complete']);

/** Parses the message of a client; null if it does not follow the protocol. */
export function parseMessage(text: string): FromClient | null {
  try {
    const message: unknown = JSON.parse(text);
    const isMessage =
      message !== null &&
      typeof message === 'object' &&
      fromClients.has(String((message as FromClient).type));
    return isMessage ? (message as FromClient) : null;
  } catch {
    return null;
  }
}
