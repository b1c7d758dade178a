import { type FileHandle, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ParleyError } from './errors.ts';
import type { Rows } from './rows.ts';
import type { Storage } from './storage.ts';

/** The journal is compacted when it has grown by this size, and to several times its content. */
const COMPACT_FROM_BYTES = 1_000_000;
const COMPACT_FACTOR = 4;

/**
 * Keeps rows in a file, for Node.js: each commit appends one line of JSON and synchronises it with the disk. After a
 * crash, an incomplete last line does not count, so a commit is stored as a whole or not at all. One process can use a
 * file at a time: `load` rejects with `STORAGE` while another process uses it.
 */
export function fileStorage(path: string): Storage {
  return new FileStorage(path);
}

class FileStorage implements Storage {
  private readonly path: string;
  private readonly rows = new Map<string, unknown>();
  private file: FileHandle | null = null;
  /** The size of the journal, and its size after the last compaction. */
  private bytes = 0;
  private compactBytes = 0;

  constructor(path: string) {
    this.path = path;
  }

  async load(): Promise<ReadonlyMap<string, unknown>> {
    await takeLock(`${this.path}.lock`);
    for (const line of wholeLines(await textOf(this.path)))
      this.apply(JSON.parse(line) as [string, unknown][]);
    await this.compact();
    return new Map(this.rows);
  }

  async commit(changes: Rows): Promise<void> {
    const line = Buffer.from(lineOf(changes));
    try {
      await this.append(line);
    } catch (error) {
      // Removes a partly written line, so that it does not precede the next one.
      await this.file?.truncate(this.bytes);
      throw error;
    }
    this.bytes += line.length;
    this.apply(changes);
    if (this.bytes > COMPACT_FROM_BYTES && this.bytes > COMPACT_FACTOR * this.compactBytes)
      await this.compact();
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = null;
    await rm(`${this.path}.lock`, { force: true });
  }

  private apply(changes: Iterable<readonly [string, unknown?]>): void {
    for (const [key, value] of changes) {
      if (value === undefined) this.rows.delete(key);
      else this.rows.set(key, value);
    }
  }

  private async append(line: Buffer): Promise<void> {
    if (!this.file) throw new ParleyError('STORAGE', `${this.path} is not open.`);
    await this.file.write(line, 0, line.length, this.bytes);
    await this.file.datasync();
  }

  /** Writes all rows to a new file, which replaces the old one. */
  private async compact(): Promise<void> {
    const text = lineOf(this.rows);
    await writeFile(`${this.path}.new`, text, { flush: true, mode: 0o600 });
    await rename(`${this.path}.new`, this.path);
    await syncFolder(dirname(this.path));
    await this.file?.close();
    this.file = await open(this.path, 'r+');
    this.bytes = this.compactBytes = (await stat(this.path)).size;
  }
}

/** A removed row is a key alone: JSON has no `undefined`. */
function lineOf(rows: Iterable<readonly [string, unknown]>): string {
  const entries = [...rows].map((row) => (row[1] === undefined ? [row[0]] : row));
  return `${JSON.stringify(entries)}\n`;
}

/** All lines up to the last line break. */
const wholeLines = (text: string) => text.split('\n').slice(0, -1);

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** The lock of a process that has ended does not count. */
async function takeLock(path: string): Promise<void> {
  try {
    await writeFile(path, String(process.pid), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    const owner = Number(await readFile(path, 'utf8'));
    if (await isRunning(owner))
      throw new ParleyError('STORAGE', `Process ${owner} uses ${path.replace(/\.lock$/, '')}.`);
    await rm(path, { force: true });
    await takeLock(path);
  }
}

/** Includes this process: two clients of one file would overwrite each other. */
async function isRunning(pid: number): Promise<boolean> {
  try {
    return pid > 0 && process.kill(pid, 0) && !(await isZombie(pid));
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether the process is a zombie: in some containers it stays one. Known on Linux only. */
async function isZombie(pid: number): Promise<boolean> {
  const stat = await textOf(`/proc/${pid}/stat`);
  return stat.slice(stat.lastIndexOf(')') + 2).startsWith('Z');
}
