import { generateSync } from 'otplib/functional';

const PERIOD_SECONDS = 30;

/** The code that an app shows now, or some time steps later. */
export const codeOf = (secret: string, steps = 0): string =>
  generateSync({ secret, epoch: Math.floor(Date.now() / 1_000) + steps * PERIOD_SECONDS });

/** A code that the app does not show within some minutes. */
export function wrongCodeOf(secret: string): string {
  const near = new Set(Array.from({ length: 21 }, (_, i) => codeOf(secret, i - 10)));
  for (let n = 0; ; n++) {
    const code = String(n).padStart(6, '0');
    if (!near.has(code)) return code;
  }
}
