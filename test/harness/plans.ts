import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { execute, queryRows } from './database.ts';

// PostgreSQL logs the plan of each statement, also of those inside functions (auto_explain).

/** A step of a plan that ran. */
export interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly 'Actual Loops'?: number;
  /** Of one loop, on average. */
  readonly 'Actual Rows'?: number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Join Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Plan[];
}

export interface Explained {
  readonly 'Query Text': string;
  readonly Plan: Plan;
  /** Set if the plan was compiled before it ran. */
  readonly JIT?: object;
}

/**
 * Tables that were never analysed are planned as if they had rows. The server analyses a table when some 50 rows have changed, at any
 * time during a test, and then reads what is small as a whole.
 */
const NEVER_ANALYSE = `DO $$ DECLARE name REGCLASS; BEGIN
  FOR name IN SELECT c.oid FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace LOOP
    EXECUTE format('ALTER TABLE %s SET (autovacuum_enabled = false)', name);
  END LOOP;
END $$`;

const EXPLAIN = {
  session_preload_libraries: 'auto_explain',
  'auto_explain.log_min_duration': 0,
  'auto_explain.log_analyze': 'on',
  'auto_explain.log_timing': 'off',
  'auto_explain.log_nested_statements': 'on',
  'auto_explain.log_format': 'json',
  // The server would compile every statement; a node forbids it.
  jit: 'on',
  jit_above_cost: 0,
};

// What a node does in the background, whenever it likes: graphile-worker reads its small tables, and some minutes after its start,
// then every hour, the node looks for what is obsolete.
const BACKGROUND = /\bjobs"?\.|\bretention_clock\b|\bWITH gone AS\b|\bp_limit\b/;

/** The plans of a database, as its server's log has them. */
export class PlanLog {
  private readonly file: string;
  private readonly entry: RegExp;

  private constructor(file: string, database: string) {
    this.file = file;
    // Other databases of the server may also log their plans: see `log_line_prefix` in setup.ts.
    // Only whole ones: the server may be writing the plan of a job while the file is read.
    this.entry = new RegExp(`\\] ${database} LOG: .* plan:\\n(\\t\\{\\n(?:\\t .*\\n)*\\t\\}\\n)`, 'g');
  }

  /** New connections to the database log the plan of every statement. */
  static async begin(superuserUrl: string): Promise<PlanLog> {
    const name = new URL(superuserUrl).pathname.slice(1);
    for (const [setting, value] of Object.entries(EXPLAIN))
      await execute(superuserUrl, `ALTER DATABASE ${name} SET ${setting} = '${value}'`);
    await execute(superuserUrl, NEVER_ANALYSE);
    const [row] = await queryRows<{ data_directory: string }>(superuserUrl, 'SHOW data_directory');
    return new PlanLog(path.join(path.dirname(row?.data_directory ?? ''), 'postgres.log'), name);
  }

  /** New connections log nothing, and are faster. Open ones continue. */
  static async end(superuserUrl: string): Promise<void> {
    const name = new URL(superuserUrl).pathname.slice(1);
    await execute(superuserUrl, `ALTER DATABASE ${name} RESET ALL`);
  }

  /** The plans of the statements that any connection sent meanwhile. */
  async during(work: () => Promise<unknown>): Promise<Explained[]> {
    const before = statSync(this.file).size;
    await work();
    const log = readFileSync(this.file).subarray(before).toString();
    const plans = [...log.matchAll(this.entry)].map(([, json]) => JSON.parse(json as string) as Explained);
    return plans.filter((plan) => !BACKGROUND.test(plan['Query Text']));
  }
}

/** Every step of a plan that ran at least once. */
export function stepsOf(plan: Plan): Plan[] {
  return [plan, ...(plan.Plans ?? []).flatMap(stepsOf)].filter((each) => each['Actual Loops'] !== 0);
}
