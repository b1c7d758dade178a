import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, statfsSync } from 'node:fs';
import path from 'node:path';

/** A small file system of the run's own in memory, which can be filled. */
export class Disk {
  readonly folder: string;
  private readonly ballast: string;

  private constructor(folder: string) {
    this.folder = folder;
    this.ballast = path.join(folder, 'ballast');
  }

  /** Null where this process may not mount one. */
  static mount(folder: string, megabytes: number): Disk | null {
    mkdirSync(folder);
    try {
      const options = `size=${megabytes}m,mode=711`;
      execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'ignore' });
      return new Disk(folder);
    } catch {
      return null;
    }
  }

  /** Takes the free space. Files can still overwrite what they have. */
  fill(): void {
    const { bavail, bsize } = statfsSync(this.folder);
    execFileSync('fallocate', ['--length', String(bavail * bsize), this.ballast]);
  }

  free(): void {
    rmSync(this.ballast, { force: true });
  }

  unmount(): void {
    execFileSync('umount', ['--lazy', this.folder]);
  }
}
