import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { fileStorage } from '../../packages/client/src/file-storage.ts';
import type { Storage } from '../../packages/client/src/storage.ts';
import { signUp } from '../harness/people.ts';
import { Device, PASSWORD } from '../harness/sdk.ts';
import { type Stage, setStage } from '../harness/stage.ts';

let stage: Stage;
setStage((ready) => {
  stage = ready;
});

function newFile(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'parley-sdk-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return path.join(folder, 'chat.jsonl');
}

const valuesIn = async (storage: Storage) => Object.fromEntries(await storage.load());

async function valuesOf(file: string): Promise<Record<string, unknown>> {
  const storage = fileStorage(file);
  const values = await valuesIn(storage);
  await storage.close?.();
  return values;
}

const row = (key: string, value: unknown) => new Map([[key, value]]);

test('commits are there after a restart, removed rows are not', async () => {
  const file = newFile();
  const storage = fileStorage(file);
  expect(await valuesIn(storage)).toEqual({});
  await storage.commit(
    new Map<string, unknown>([
      ['a', { n: 1 }],
      ['b', 'two\nlines'],
    ]),
  );
  await storage.commit(
    new Map<string, unknown>([
      ['a', undefined],
      ['c', null],
    ]),
  );
  await storage.close?.();
  expect(await valuesOf(file)).toEqual({ b: 'two\nlines', c: null });
});

test('a commit that a crash cut short does not count, wherever it was cut', async () => {
  const file = newFile();
  const storage = fileStorage(file);
  await storage.load();
  await storage.commit(row('a', 1));
  await storage.close?.();
  const before = readFileSync(file);
  const line = `${JSON.stringify([
    ['a', 2],
    ['b', 'ü'],
  ])}\n`;
  for (let length = 1; length < Buffer.byteLength(line); length++) {
    writeFileSync(file, before);
    appendFileSync(file, Buffer.from(line).subarray(0, length));
    const again = fileStorage(file);
    expect(await valuesIn(again)).toEqual({ a: 1 });
    // What follows is not added to the broken line.
    await again.commit(row('c', 3));
    await again.close?.();
    expect(await valuesOf(file)).toEqual({ a: 1, c: 3 });
  }
});

test('the file does not grow with the number of commits', async () => {
  const file = newFile();
  const storage = fileStorage(file);
  await storage.load();
  for (let i = 0; i < 60; i++) await storage.commit(row('a', String(i).repeat(50_000)));
  await storage.close?.();
  expect(statSync(file).size).toBeLessThan(2_000_000);
  expect(await valuesOf(file)).toEqual({ a: '59'.repeat(50_000) });
});

test('two clients do not share a file; one that was killed does not keep it', async () => {
  const file = newFile();
  const storage = fileStorage(file);
  await storage.load();
  await expect(fileStorage(file).load()).rejects.toMatchObject({ code: 'STORAGE' });
  await storage.close?.();
  writeFileSync(`${file}.lock`, '999999999');
  const next = fileStorage(file);
  await next.load();
  await next.close?.();
});

test.runIf(process.platform === 'linux')(
  'nor does one that has ended and is still in the list of processes',
  async () => {
    // The shell becomes another program, which does not ask what became of the shell's child; only then the child may end.
    const parent = spawn('bash', ['-c', '{ read -r -u 3; } & echo $!; exec sleep 600'], {
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    });
    onTestFinished(() => void parent.kill('SIGKILL'));
    const [ended] = (await once(createInterface(parent.stdout as Readable), 'line')) as [string];
    await expect
      .poll(() => readFileSync(`/proc/${parent.pid}/cmdline`, 'utf8'), { timeout: 20_000 })
      .toMatch(/^sleep/);
    (parent.stdio[3] as Writable).end('\n');
    await expect
      .poll(() => readFileSync(`/proc/${ended}/stat`, 'utf8'), { timeout: 20_000 })
      .toContain(') Z ');
    const file = newFile();
    writeFileSync(`${file}.lock`, ended);
    const next = fileStorage(file);
    await next.load();
    await next.close?.();
  },
);

/** Runs the client until it has printed this number of lines, then kills it. Resolves with its output. */
async function killAfter(lines: number, args: readonly string[]): Promise<string[]> {
  const script = fileURLToPath(new URL('process.mjs', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, [script, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const said: string[] = [];
  for await (const line of createInterface(child.stdout as NodeJS.ReadableStream)) {
    said.push(line);
    if (said.length === lines) child.kill('SIGKILL');
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
  return said;
}

test('a client that is killed again and again has lost and repeated nothing', async () => {
  const [ann, ben] = await Promise.all([signUp(stage.node, 'ann'), signUp(stage.node, 'ben')]);
  const roomId = await ann.createRoom(`killed ${randomUUID()}`);
  await ben.join(roomId);
  const file = newFile();
  const kept: string[] = [];
  for (const [run, lines] of [1, 2, 3, 5, 8, 13, 21].entries()) {
    const args = [stage.node.url, file, ann.username, PASSWORD, roomId, `run${run}`];
    const talking = (async () => {
      for (let i = 0; i < 20; i++) await ben.say(roomId, `ben ${run}-${i}`);
    })();
    kept.push(...(await killAfter(lines, args)).map((line) => line.replace(/^kept /, '')));
    await talking;
  }
  const device = new Device(stage.node.url, { storage: fileStorage(file) });
  await device.live();
  await expect.poll(() => device.client.outbox.getSnapshot()).toEqual([]);
  // Nothing that had to be asked again: it resumed.
  expect(device.operations).not.toContain('InboxSnapshot');
  const texts = device.texts(roomId).filter((text) => text?.startsWith('run'));
  expect(new Set(texts).size).toBe(texts.length);
  expect(texts).toEqual(expect.arrayContaining(kept));
  expect(texts.length).toBeLessThanOrEqual(kept.length + 3 * 7);
  expect(device.texts(roomId).filter((text) => text?.startsWith('ben'))).toHaveLength(7 * 20);
  await device.client.close();
});
