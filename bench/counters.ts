import { readFileSync } from 'node:fs';
import type { TestNode } from '../test/harness/node.ts';

/** What a server has counted since it started. */
export interface Counters {
  /** User and system time. */
  readonly cpuMicros: number;
  /** The same of the PostgreSQL that all share, with its backends; only where there is /proc. */
  readonly postgresMicros?: number | undefined;
  readonly statements: number;
  readonly logReads?: number;
}

export async function countersOf(node: TestNode): Promise<Counters> {
  const samples = Object.entries(await node.metrics());
  const sum = (name: string) =>
    samples.reduce((total, [each, value]) => (each.split('{')[0] === name ? total + value : total), 0);
  return {
    cpuMicros: 1e6 * (sum('process_cpu_user_seconds_total') + sum('process_cpu_system_seconds_total')),
    statements: sum('parley_sql_statements_total'),
    logReads: sum('parley_log_reads_total'),
  };
}

// Every Linux that Node runs on counts in hundredths of a second.
const MICROS_PER_TICK = 10_000;

/** User and system time of a PostgreSQL with its backends, by its postmaster; undefined where there is no /proc. */
export function postgresMicros(pid: number | undefined): number | undefined {
  const backends = read(`/proc/${pid}/task/${pid}/children`);
  if (backends === undefined) return undefined;
  const pids = [String(pid), ...backends.split(' ').filter(Boolean)];
  return MICROS_PER_TICK * pids.flatMap(ticksOf).reduce((sum, each) => sum + each, 0);
}

/** User and system time of a process, and of its children that have ended. */
function ticksOf(pid: string): number[] {
  // One that has ended meanwhile has left its time to its parent.
  const stat = read(`/proc/${pid}/stat`) ?? '';
  // After the name, which may hold anything, the twelfth to fifteenth.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields.slice(11, 15).map(Number);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
