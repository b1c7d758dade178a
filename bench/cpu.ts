import { readdirSync, readFileSync } from 'node:fs';

/** CPU time, user and system, of a process with all its threads, to the microsecond. */
export function cpuMicros(pid: number): number {
  const threads = filesIn(`/proc/${pid}/task`);
  return (
    threads.reduce((sum, thread) => sum + onCpuNanos(`/proc/${pid}/task/${thread}/schedstat`), 0) / 1_000
  );
}

/** The same with all children, those that have ended too (of which Linux counts hundredths of a second only). */
export function treeMicros(pid: number): number {
  const children = read(`/proc/${pid}/task/${pid}/children`).split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + cpuMicros(Number(child)), cpuMicros(pid) + endedMicros(pid));
}

// Every Linux that Node runs on counts in hundredths of a second.
const MICROS_PER_TICK = 10_000;

function endedMicros(pid: number): number {
  const stat = read(`/proc/${pid}/stat`);
  // After the name, which may hold anything: the fourteenth and fifteenth.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return MICROS_PER_TICK * (Number(fields[13] ?? 0) + Number(fields[14] ?? 0));
}

const onCpuNanos = (file: string) => Number(read(file).split(' ')[0] ?? 0);

/** Whether this system provides the measurements. */
export function requireProc(): void {
  if (cpuMicros(process.pid) > 0) return;
  throw new Error('CPU time is read from /proc/<pid>/task/*/schedstat, which only Linux has: run it there');
}

// Ended threads do not count.
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function filesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

export function rssBytes({ pid }: { readonly pid: number }): number {
  return 1_024 * Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
