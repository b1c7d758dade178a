import { describe, expect, test } from 'vitest';
import { checkedDisplayName } from '../src/accounts/credentials.ts';
import { hasInvisible, mixesScripts } from '../src/platform/lookalikes.ts';

// Display names that look like other names.

describe('invisible characters', () => {
  test.each([
    ['a space of no width', 'A\u200bda'],
    ['a soft hyphen', 'A\u00adda'],
    ['a word joiner', 'Ada\u2060'],
    ['a joiner between Latin letters', 'A\u200dda'],
    ['a filler', '\u3164'],
    ['a form of a digit', 'ada1\ufe0f'],
  ])('are found: %s', (_what, name) => {
    expect(hasInvisible(name)).toBe(true);
  });

  test.each([
    ['none', 'Ada'],
    ['in emoji', '👩‍👩‍👧 Ada 🏳️‍🌈 1️⃣ ❤️'],
    ['in a flag', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}'],
    ['in a Persian word', 'می\u200cخواهم'],
    ['in a Hindi word', 'क्\u200dष'],
  ])('are allowed where they belong: %s', (_what, name) => {
    expect(hasInvisible(name)).toBe(false);
  });
});

describe('mixed scripts', () => {
  test.each(['\u0410da', 'Αda', 'Ωmega', '\uab93da', 'एda'])('are found in one word: %s', (name) => {
    expect(mixesScripts(name)).toBe(true);
  });

  test.each([
    'Иван Ivanov',
    'Ada-Мария',
    '山田Taro',
    'タロウさん',
    '김Kim',
    'محمد Ali',
    'José',
    'O’Neil',
    'Ηλίας',
    'ꦥꦩ',
  ])('are allowed in different words, and where they are used together: %s', (name) => {
    expect(mixesScripts(name)).toBe(false);
  });
});

test('a display name is refused by its field', () => {
  for (const name of ['\u0410da', 'A\u200bda'])
    expect(() => checkedDisplayName(name)).toThrow(
      expect.objectContaining({ code: 'VALIDATION', where: ['input', 'displayName'] }),
    );
  expect(checkedDisplayName(' Ada ')).toBe('Ada');
});
