import type { ParleyNode } from './world.ts';

/** How many SQL statements a node has sent since it started. Reading it costs the node some CPU: outside of what is measured. */
export async function statementsOf(node: ParleyNode): Promise<number> {
  const samples = Object.entries(await node.metrics());
  return samples.reduce(
    (sum, [name, value]) => sum + (name.startsWith('parley_sql_statements_total') ? value : 0),
    0,
  );
}
