import { describe, expect, test } from 'vitest';
import { verdictOn } from '../../packages/client/src/ending.ts';
import { plain, readPage, rowsOf } from './readme/markdown.ts';

// Compares the reaction of @parley/client to the end of a stream or a socket with docs/protocol.md.

const protocol = readPage('docs/protocol.md');

describe('a stream that ends', () => {
  const rows = rowsOf(protocol, 'close reason', 'retryable', 'means', 'do');
  const others: Record<string, string> = { INVALID_CURSOR: 'restart', SESSION_ENDED: 'sign-out' };

  test.each(rows.map((row) => [plain(row['close reason']), plain(row['retryable'])]))(
    '%s',
    (closeReason, word) => {
      const retryable = word === 'yes';
      const ending = { kind: 'stream-closed', closeReason, retryable, retryAfterMs: null } as const;
      const verdict = verdictOn(ending);
      expect(verdict.next).toBe(retryable ? 'resume' : (others[closeReason] ?? 'stop'));
      expect(verdict.isTokenSpoiled).toBe(closeReason === 'AUTH_EXPIRED');
      expect(verdict.error.code).toBe(closeReason);
    },
  );

  test('for a reason that this version does not know: as it says itself', () => {
    const unknown = { kind: 'stream-closed', closeReason: 'NEW_REASON' } as const;
    expect(verdictOn({ ...unknown, retryable: true, retryAfterMs: 700 })).toMatchObject({
      next: 'resume',
      pause: 700,
    });
    expect(verdictOn({ ...unknown, retryable: false, retryAfterMs: null })).toMatchObject({ next: 'stop' });
  });
});

describe('a socket that is closed', () => {
  const rows = rowsOf(protocol, 'code', 'reason', 'when', 'come back');

  function expected(comeBack: string) {
    if (comeBack === 'no: sign in again') return { next: 'sign-out' };
    if (comeBack.startsWith('no')) return { next: 'stop' };
    if (comeBack.includes('with a new token')) return { next: 'resume', isTokenSpoiled: true };
    const pause = comeBack === 'with a pause' ? 'long' : 'short';
    return { next: 'resume', pause, isTokenSpoiled: false };
  }

  test.each(rows.map((row) => [Number(plain(row['code'])), plain(row['reason']), plain(row['come back'])]))(
    '%s %s: %s',
    (code, reason, comeBack) => {
      const ending = { kind: 'closed', code: Number(code), reason: String(reason) } as const;
      expect(verdictOn(ending)).toMatchObject(expected(String(comeBack)));
    },
  );

  test('without a word: come back at once', () => {
    expect(verdictOn({ kind: 'closed', code: 1006, reason: '' })).toMatchObject({
      next: 'resume',
      pause: 'short',
    });
  });
});
