import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, type JWTPayload, SignJWT } from 'jose';

export interface SigningKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly privateKey: CryptoKey;
  readonly jwk: JWK;
}

export async function newSigningKey(kid: string, algorithm = 'ES256'): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm, { extractable: true });
  return { kid, algorithm, privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg: algorithm } };
}

/** Signs claims for five minutes, like the backend of a team. Claims can replace `exp`, `aud` and `iss`. */
export async function sign(
  key: SigningKey,
  claims: JWTPayload,
  header: Record<string, unknown> = {},
): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return new SignJWT({ aud: 'parley', iat: now, exp: now + 300, ...claims })
    .setProtectedHeader({ alg: key.algorithm, kid: key.kid, ...header })
    .sign(key.privateKey, { crit: { limits: true } });
}

/** An HTTP server with the public keys of issuers, by path. */
export class KeyServer {
  /** What each path answers: keys, or a whole response. */
  readonly answers = new Map<string, readonly JWK[] | Response>();
  /** How often each path was asked for. */
  readonly requests = new Map<string, number>();
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
    server.on('request', ({ url = '' }, response) => void this.respond(url, response));
  }

  static async open(): Promise<KeyServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new KeyServer(server);
  }

  url(path: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}${path}`;
  }

  private async respond(path: string, response: ServerResponse): Promise<void> {
    this.requests.set(path, (this.requests.get(path) ?? 0) + 1);
    const answer = this.answers.get(path);
    if (!(answer instanceof Response)) return void response.end(JSON.stringify({ keys: answer ?? [] }));
    response.writeHead(answer.status, Object.fromEntries(answer.headers));
    response.end(await answer.clone().text());
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
