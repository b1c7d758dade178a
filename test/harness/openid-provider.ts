import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Provider } from 'oidc-provider';

interface Account {
  readonly name?: string;
  readonly preferred_username?: string;
  readonly email?: string;
  readonly email_verified?: boolean;
}

export const CLIENT = { clientId: 'parley', clientSecret: 'only-for-tests: the secret of the client' };

/** A real OpenID provider, which asks nothing: whoever comes is `user`. */
export class OpenIdProvider {
  readonly accounts = new Map<string, Account>();
  /** The account that signs in next. */
  user = '';
  readonly issuer: string;
  private readonly server: Server;

  private constructor(server: Server) {
    this.server = server;
    this.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  static async open(): Promise<OpenIdProvider> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return new OpenIdProvider(server);
  }

  /** Begins to serve the client, whose pages these are. */
  serve(...redirectUris: string[]): void {
    const provider = new Provider(this.issuer, this.configuration(redirectUris));
    const callback = provider.callback();
    this.server.on('request', (request, response) => {
      if (!request.url?.startsWith('/interaction/')) return callback(request, response);
      const result = { login: { accountId: this.user } };
      return void provider.interactionFinished(request, response, result);
    });
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private configuration(redirectUris: readonly string[]): object {
    const { clientId, clientSecret } = CLIENT;
    return {
      clients: [{ client_id: clientId, client_secret: clientSecret, redirect_uris: [...redirectUris] }],
      claims: {
        openid: ['sub'],
        profile: ['name', 'preferred_username'],
        email: ['email', 'email_verified'],
      },
      cookies: { keys: ['only for tests'] },
      features: { devInteractions: { enabled: false } },
      interactions: { url: (_ctx: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
      findAccount: (_ctx: unknown, sub: string) => ({
        accountId: sub,
        claims: () => ({ sub, ...this.accounts.get(sub) }),
      }),
      // Nobody is asked for consent.
      async loadExistingGrant({ oidc }: { oidc: any }) {
        const of = { clientId: oidc.client.clientId, accountId: oidc.session.accountId };
        const grant = new oidc.provider.Grant(of);
        grant.addOIDCScope('openid profile email');
        await grant.save();
        return grant;
      },
    };
  }
}

/** Does what a browser does: follows the provider until that sends it back to the page. Returns the address. */
export async function follow(address: string, page: string): Promise<string> {
  const cookies = new Map<string, string>();
  for (let at = address; ; ) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await fetch(at, { redirect: 'manual', headers: { cookie } });
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      cookies.set(name, value);
    }
    at = new URL(response.headers.get('location') ?? '', at).href;
    if (at.startsWith(page)) return at;
  }
}
