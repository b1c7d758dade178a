import type { ParleyNode } from './world.ts';

/**
 * The number of SQL statements of a node since its start. Reading it costs the node some CPU time, outside of the
 * measurement.
 */
export async function statementsOf(node: ParleyNode): Promise<number> {
  const samples = Object.entries(await node.metrics());
  return samples.reduce(
    (sum, [name, value]) => sum + (name.startsWith('parley_sql_statements_total') ? value : 0),
    0,
  );
}
