import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { Redis } from 'ioredis';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { loadSettings } from '../../src/config.ts';
import { startRedis } from '../harness/redis.ts';

// What an operator is given to run Parley in containers. No container runs here: the files are read, and the scripts in
// them run as the containers would run them.

interface Service {
  readonly image?: string;
  readonly build?: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: string[];
  readonly cap_add?: string[];
  readonly security_opt?: string[];
  readonly privileged?: boolean;
  readonly ports?: string[];
  readonly volumes?: string[];
  readonly tmpfs?: string[];
  readonly environment?: Record<string, string>;
  readonly healthcheck?: { readonly test: string[] };
  readonly depends_on?: Record<string, { readonly condition: string }>;
}

const read = (file: string) => readFileSync(file, 'utf8');
const { services, volumes } = parse(read('compose.yaml'), { merge: true }) as {
  services: Record<string, Service>;
  volumes: Record<string, unknown>;
};
const all = Object.entries(services);
const lasting = all.filter(([name]) => name !== 'secrets');
const dockerfile = read('Dockerfile');

describe('compose.yaml', () => {
  test.each(all)('%s has no privileges, and writes only where it must', (name, service) => {
    expect(service).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
      user: expect.stringMatching(name === 'secrets' ? /^0:0$/ : /^[1-9]\d*:[1-9]\d*$/),
    });
    expect(service.privileged).toBeUndefined();
    expect(service.cap_add ?? []).toEqual(name === 'secrets' ? ['CHOWN', 'DAC_OVERRIDE', 'FOWNER'] : []);
  });

  test('pins every image to an exact version, and so does the Dockerfile', () => {
    const images = all.flatMap(([, { image }]) => image ?? []);
    const bases = [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, base]) => base as string);
    for (const image of [...images, ...bases])
      expect(image).toMatch(/^[a-z]+:\d+\.\d+(\.\d+)?-[a-z]+(-slim|\d+\.\d+)(@sha256:[0-9a-f]{64})?$/);
    expect(all.filter(([, { image, build }]) => !image && !build)).toEqual([]);
  });

  test('needs no setting, and has no password', () => {
    const text = read('compose.yaml');
    expect(text).not.toMatch(/\$\{\w+:?\?/);
    expect(text).not.toMatch(/:-[^}]*(secret|password|parley)/i);
    const given = all.flatMap(([, { environment }]) => Object.entries(environment ?? {}));
    const secrets = given.filter(([name]) => /PASSWORD|SECRET|URL|KEY/.test(name) && !name.endsWith('_FILE'));
    // The operator's own, and empty unless given.
    const passedOn = [1, 2].flatMap(() => ['SMTP_URL', 'PUBLIC_URL'].map((name) => [name, `\${${name}:-}`]));
    expect(secrets).toEqual(passedOn);
  });

  test('passes the settings of mail on; empty ones are off', () => {
    const names = ['SMTP_URL', 'MAIL_FROM', 'PUBLIC_URL'];
    for (const node of ['node1', 'node2'])
      for (const name of names) expect(services[node]?.environment?.[name]).toBe(`\${${name}:-}`);
    const empty = loadSettings(Object.fromEntries(names.map((name) => [name, ''])));
    expect([empty.SMTP_URL, empty.MAIL_FROM, empty.PUBLIC_URL]).toEqual([undefined, undefined, undefined]);
  });

  test('starts each service when what it needs is healthy', () => {
    for (const [name, { depends_on: needs = {} }] of all) {
      for (const [other, { condition }] of Object.entries(needs)) {
        const expected = other === 'secrets' ? 'service_completed_successfully' : 'service_healthy';
        expect([name, other, condition]).toEqual([name, other, expected]);
        const hasCheck =
          services[other]?.healthcheck ?? (services[other]?.build && /^HEALTHCHECK/m.exec(dockerfile));
        expect(other === 'secrets' || hasCheck, `${other} has a health check`).toBeTruthy();
      }
    }
    expect(Object.keys(services['node1']?.depends_on ?? {}).sort()).toEqual(['postgres', 'redis', 'secrets']);
    expect(Object.keys(services['nginx']?.depends_on ?? {}).sort()).toEqual(['node1', 'node2']);
  });

  test('opens one port, on this machine only', () => {
    expect(lasting.flatMap(([, { ports }]) => ports ?? [])).toEqual(['127.0.0.1:8080:8080']);
  });

  test('mounts files that exist, and volumes that it declares; nobody but their owner reads secrets', () => {
    const mounts = all.flatMap(([name, service]) =>
      (service.volumes ?? []).map((mount) => [name, mount] as const),
    );
    for (const [, mount] of mounts) {
      const source = mount.split(':')[0] as string;
      expect(source.startsWith('./') ? existsSync(source) : source in volumes, mount).toBe(true);
    }
    const readers = (volume: string) =>
      mounts.filter(([, mount]) => mount.startsWith(`${volume}:`)).map(([name]) => name);
    expect(readers('all-secrets')).toEqual(['secrets']);
    expect(readers('postgres-secrets')).toEqual(['postgres', 'secrets']);
    expect(readers('redis-secrets')).toEqual(['redis', 'secrets']);
    expect(readers('node-secrets')).toEqual(['node1', 'node2', 'secrets']);
  });

  test('shows the demo and GraphiQL to whoever tries it; compose.tls.yaml does not', () => {
    const settings = services['node1']?.environment ?? {};
    const withDefault = (value = '') => value.replace(/^\$\{\w+:-(.*)\}$/, '$1');
    expect(withDefault(settings['DEMO'])).toBe('true');
    expect(withDefault(settings['GRAPHIQL'])).toBe('true');
    expect(withDefault(settings['INTROSPECTION'])).toBe('true');
    const tls = parse(read('compose.tls.yaml'), { merge: true, customTags: [override] });
    expect(withDefault(tls.services.node2.environment.DEMO)).toBe('false');
    expect(withDefault(tls.services.node2.environment.GRAPHIQL)).toBe('false');
    expect(tls.services.nginx.ports).toEqual(['80:8080', '443:8443']);
    for (const mount of tls.services.nginx.volumes as string[])
      if (mount.startsWith('./')) expect(existsSync(mount.split(':')[0] as string), mount).toBe(true);
  });
});

const override = {
  tag: '!override',
  collection: 'seq',
  resolve: (seq: { toJSON(): unknown }) => seq,
} as never;

describe('the secrets of a deployment', () => {
  const { uid } = userInfo();

  function make(folder: string): void {
    const users = { NODE_USER: `${uid}`, POSTGRES_USER: `${uid}`, REDIS_USER: `${uid}` };
    execFileSync('sh', ['deploy/make-secrets.sh'], {
      env: { PATH: process.env['PATH'], SECRETS_DIR: folder, ...users },
    });
  }

  function newFolder(): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'parley-secrets-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    return folder;
  }

  const filesIn = (folder: string) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(path.join(folder, name)).isFile())
      .sort();

  test('are made once, differ everywhere, and are readable by one user', () => {
    const [folder, other] = [newFolder(), newFolder()];
    make(folder);
    make(other);
    const contents = () => filesIn(folder).map((name) => read(path.join(folder, name)));
    const before = contents();
    make(folder);
    expect(contents()).toEqual(before);
    for (const name of filesIn(folder)) {
      expect(statSync(path.join(folder, name)).mode & 0o777, name).toBe(0o600);
      expect(read(path.join(folder, name)), name).not.toBe(read(path.join(other, name)));
    }
    const single = readdirSync(path.join(folder, 'all')).map((name) => read(path.join(folder, 'all', name)));
    expect(new Set(single).size).toBe(4);
    for (const secret of single) expect(secret).toMatch(/^[\w-]{48}$/);
  });

  test('are settings that a node in production accepts', () => {
    const folder = newFolder();
    make(folder);
    const env = parseEnv(read(path.join(folder, 'node/.env'))) as Record<string, string>;
    const settings = loadSettings({ NODE_ENV: 'production', ...env });
    expect(settings.DATABASE_URL).toContain(read(path.join(folder, 'postgres/node-password')));
    expect(new URL(settings.REDIS_URL ?? '').password).toBe(read(path.join(folder, 'redis/password')));
    // The image reads it by this link, which leads to where compose.yaml mounts it.
    expect(dockerfile).toContain('RUN ln -s /run/parley/.env .env');
    expect(services['node1']?.volumes).toEqual(['node-secrets:/run/parley:ro']);
  });

  test('close Redis to everybody who does not know its password', async () => {
    const folder = newFolder();
    make(folder);
    const redis = await startRedis([path.join(folder, 'redis/redis.conf')]);
    onTestFinished(() => redis.stop());
    const connect = (password: string) => new Redis(redis.port, '127.0.0.1', { password, lazyConnect: true });
    const known = connect(read(path.join(folder, 'redis/password')));
    onTestFinished(() => known.disconnect());
    expect(await known.ping()).toBe('PONG');
    const unknown = new Redis(redis.port, '127.0.0.1', { enableReadyCheck: false, lazyConnect: true });
    onTestFinished(() => unknown.disconnect());
    await expect(unknown.publish('news', 'forged')).rejects.toThrow('NOAUTH');
  });

  test('are no superuser’s for the nodes: PostgreSQL gets a role that owns its database', () => {
    const script = read('deploy/postgres-init.sh');
    expect(script).toContain(`CREATE ROLE parley LOGIN PASSWORD :'password';`);
    expect(script).toContain('CREATE DATABASE parley OWNER parley;');
    expect(script).not.toMatch(/SUPERUSER|GRANT/);
  });

  test.each(['deploy/make-secrets.sh', 'deploy/postgres-init.sh'])(
    '%s is a script that a shell reads',
    (script) => {
      expect(spawnSync('sh', ['-n', script], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
      expect(statSync(script).mode & 0o100).toBe(0o100);
    },
  );
});

describe('nginx', () => {
  const main = read('deploy/nginx.conf');

  test('limits requests and connections of each address', () => {
    expect(main).toMatch(/^\s*limit_req zone=\w+ burst=\d+ nodelay;$/m);
    expect(main).toMatch(/^\s*limit_conn \w+ \d+;$/m);
  });

  test('says what the nodes do', () => {
    const [, pings] = /PING_EVERY_SECONDS = (\d+)/.exec(read('src/server/transport/ws.ts')) ?? [];
    const { HEARTBEAT_SECONDS } = loadSettings({});
    const proxy = read('deploy/nginx-proxy.conf');
    expect(proxy).toContain(
      `pings sockets every ${pings} s and sends a Heartbeat every ${HEARTBEAT_SECONDS} s`,
    );
    const [, idle] = /proxy_read_timeout (\d+)s/.exec(proxy) ?? [];
    expect(Number(idle)).toBeGreaterThan(2 * Number(pings));
  });

  test('includes what compose.yaml mounts, and HTTPS has modern protocols only', () => {
    const mounted = (services['nginx']?.volumes ?? []).map((mount) =>
      path.basename(mount.split(':')[1] as string),
    );
    for (const file of ['nginx.conf', 'nginx-plain.conf', 'nginx-tls.conf'])
      for (const [, name] of read(`deploy/${file}`).matchAll(/^\s*include (\S+);/gm))
        expect(mounted).toContain(name);
    expect(read('deploy/nginx-tls.conf')).toContain('ssl_protocols TLSv1.2 TLSv1.3;');
  });
});
