import type { Report } from './campaign.ts';
import type { Mutant } from './mutants.ts';
import type { Tier } from './tiers.ts';
export async function runMutant(_m: Mutant, _seed: number, _tier: Tier): Promise<Report> { throw new Error('later'); }
export async function runMutants(_seed: number): Promise<number> { return 0; }
