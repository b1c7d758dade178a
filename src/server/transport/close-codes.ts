/** Why a socket is closed: codes and reasons are a contract with clients (docs/protocol.md). Never 4500. */
export const closes = {
  DRAINING: [1012, 'Service Restart'],
  OVERLOADED: [1013, 'Try Again Later'],
  TOO_MANY_CONNECTIONS: [1013, 'Too many connections'],
  RATE_LIMITED: [1013, 'Rate limited'],
  IDLE: [1000, 'Idle'],
  SLOW: [4290, 'Slow consumer'],
  EXPIRED: [4403, 'Token expired'],
  FORBIDDEN: [4403, 'Forbidden'],
  REVOKED: [4401, 'Unauthorized'],
  INVALID_MESSAGE: [4400, 'Invalid message received'],
  TOO_MANY_MESSAGES: [4400, 'Too many messages'],
} as const satisfies Record<string, readonly [code: number, reason: string]>;

export type Close = readonly [code: number, reason: string];
