import { createHash } from 'node:crypto';
import { SignJWT } from 'jose';
import { SECRET } from './cluster.ts';
import type { Person } from './world.ts';

/** An access token of a session that ends at that time, in seconds; nodes give out none that lives longer than a day. */
export function signToken({ user, sessionId }: Omit<Person, 'token'>, endsAt: number): Promise<string> {
  const kid = createHash('sha256').update(SECRET).digest('hex').slice(0, 8);
  return new SignJWT({ sid: sessionId })
    .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid })
    .setIssuer('parley')
    .setAudience('parley')
    .setSubject(String(user))
    .setIssuedAt()
    .setExpirationTime(endsAt)
    .sign(Buffer.from(SECRET));
}
