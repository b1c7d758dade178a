import type { Services, Viewer } from '../../context.ts';
import { isLoopback, networkOf } from '../../platform/network-address.ts';

/**
 * The costs of requests before they are executed, in points. A point is about a microsecond of CPU time, and the price
 * of a field.
 */
export const prices = {
  /** A JSON request that is answered without Yoga. */
  plainRequest: 100,
  /** Any other request. */
  request: 400,
  upgrade: 300,
  /** A WebSocket message, and the addition for one that starts an operation. */
  message: 10,
  operation: 50,
  kilobyte: 10,
  /**
   * Parsing, measuring and validating a document that is not in the cache: a base price, and one for each character.
   */
  unknownDocument: 500,
  documentCharacter: 1,
} as const;

/** The buckets of an address, besides its part of the common bucket for anonymous requests. */
export type BucketName = 'documents' | 'signIn' | 'sockets';

/** The payer of a request: a user, or an address with all its clients. Null if the request is free. */
export type Payer = { readonly userId: number } | { readonly network: string } | null;

export function priceOfBytes(bytes: number): number {
  return Math.ceil((bytes * prices.kilobyte) / 1_024);
}

export function priceOfDocument(document: string, isKnown: boolean): number {
  return isKnown ? 0 : prices.unknownDocument + document.length * prices.documentCharacter;
}

/**
 * Mutations without a token are sign-ins: a flood of queries must not prevent users at the same address from signing
 * in.
 */
export function bucketOf(document: string): BucketName {
  return /\bmutation\b/.test(document) ? 'signIn' : 'documents';
}

// This share of the common bucket is reserved for addresses that have spent little.
const RESERVED_SHARE = 0.5;

/**
 * Charges requests to token buckets before they are processed: to the user of a verified token, otherwise to the
 * network of the request. So a flood of anonymous requests does not use up the points of users at the same address.
 */
export class Charges {
  private readonly node: Services;

  constructor(node: Services) {
    this.node = node;
  }

  payerOf(viewer: Viewer | null, address: string): Payer {
    if (viewer) return { userId: viewer.userId };
    // In development and tests, many users come from one machine.
    const isOwnMachine = !this.node.settings.isProduction && isLoopback(address);
    return isOwnMachine ? null : { network: networkOf(address) };
  }

  /** Pays and returns 0; otherwise pays nothing and returns the ms to wait. */
  pay(payer: Payer, points: number, bucket: BucketName = 'documents'): number {
    if (!payer) return 0;
    if (!('userId' in payer)) return this.payAnonymously(payer.network, points, bucket);
    const waitMs = this.node.limits.bucket('cost', payer.userId).spend(points);
    if (waitMs > 0) this.node.metrics.rateLimited.inc({ limit: 'cost' });
    return waitMs;
  }

  /** Charges the additional cost of a request afterwards: the next one waits for it. */
  owe(payer: Payer, points: number, bucket: BucketName = 'documents'): void {
    if (!payer) return;
    const { limits } = this.node;
    if ('userId' in payer) return limits.bucket('cost', payer.userId).owe(points);
    limits.bucket(bucket, payer.network).owe(points);
    limits.bucket('anonymous', '').owe(points);
  }

  private payAnonymously(network: string, points: number, bucket: BucketName): number {
    const { limits, metrics, settings } = this.node;
    const own = limits.bucket(bucket, network);
    const all = limits.bucket('anonymous', '');
    const reserve = own.level > RESERVED_SHARE ? 0 : settings.ANONYMOUS_COST_BURST * RESERVED_SHARE;
    const [ownMs, allMs] = [own.waitFor(points), all.waitFor(points, reserve)];
    if (ownMs === 0 && allMs === 0) this.owe({ network }, points, bucket);
    else metrics.rateLimited.inc({ limit: ownMs > 0 ? bucket : 'anonymous' });
    return Math.max(ownMs, allMs);
  }
}
