import type { Services, Viewer } from '../../context.ts';
import { isLoopback, networkOf } from '../../platform/network-address.ts';

/**
 * What requests cost before anything of them is run, in points. A point is about a microsecond of a core, as is a field
 * of an operation.
 */
export const prices = {
  /** A JSON request that is answered without Yoga. */
  plainRequest: 100,
  /** Any other request. */
  request: 400,
  upgrade: 300,
  /** A WebSocket message, and on top of it what starts an operation. */
  message: 10,
  operation: 50,
  kilobyte: 10,
  /** Parsing, measuring and validating a document that is not in the cache: so much, and this for each character. */
  unknownDocument: 500,
  documentCharacter: 1,
} as const;

/** Beside its share of what all may do anonymously, an address has a bucket for each of these. */
export type BucketName = 'documents' | 'signIn' | 'sockets';

/** Who pays for a request: a person, or an address with all that share it. Null where nobody has to. */
export type Payer = { readonly userId: number } | { readonly network: string } | null;

export function priceOfBytes(bytes: number): number {
  return Math.ceil((bytes * prices.kilobyte) / 1_024);
}

export function priceOfDocument(document: string, isKnown: boolean): number {
  return isKnown ? 0 : prices.unknownDocument + document.length * prices.documentCharacter;
}

/** Mutations without a token sign somebody in: a flood of queries must not keep people behind one address from it. */
export function bucketOf(document: string): BucketName {
  return /\bmutation\b/.test(document) ? 'signIn' : 'documents';
}

// Of what all may do anonymously, this share is kept for addresses that have done little.
const RESERVED_SHARE = 0.5;

/**
 * Charges requests to token buckets, before they are worked on: to the person whose token was verified, otherwise to the
 * network that the request came from. So a flood of anonymous requests does not use up what people have who share the
 * address with it.
 */
export class Charges {
  private readonly node: Services;

  constructor(node: Services) {
    this.node = node;
  }

  payerOf(viewer: Viewer | null, address: string): Payer {
    if (viewer) return { userId: viewer.userId };
    // Development and tests play many people from one machine.
    const isOwnMachine = !this.node.settings.isProduction && isLoopback(address);
    return isOwnMachine ? null : { network: networkOf(address) };
  }

  /** 0 after it has been paid, otherwise the ms to wait; nothing is paid then. */
  pay(payer: Payer, points: number, bucket: BucketName = 'documents'): number {
    if (!payer) return 0;
    if (!('userId' in payer)) return this.payAnonymously(payer.network, points, bucket);
    const waitMs = this.node.limits.bucket('cost', payer.userId).spend(points);
    if (waitMs > 0) this.node.metrics.rateLimited.inc({ limit: 'cost' });
    return waitMs;
  }

  /** What a request turned out to cost beyond what was paid: the next one waits for it. */
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
