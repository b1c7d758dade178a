import { type FigureName, median } from './figures.ts';
import type { Facts, MarkResult, SuiteResult, VariantResult, Verdict } from './results.ts';

const columns: readonly (readonly [FigureName, title: string, digits: number])[] = [
  ['cpuMicros', 'server CPU µs each', 2],
  ['postgresMicros', 'PostgreSQL CPU µs each', 2],
  ['redisMicros', 'Redis CPU µs each', 2],
  ['wholeMicros', 'all three, µs each', 2],
  ['perSecond', 'per s', 0],
  ['sustained', 'events/s sustained', 0],
  ['p50Ms', 'p50 ms', 2],
  ['p99Ms', 'p99 ms', 1],
  ['allMs', 'last one, ms', 1],
  ['statements', 'SQL each', 2],
  ['bytes', 'bytes', 0],
  ['heapKb', 'heap KiB each', 2],
  ['rssKb', 'RSS KiB each', 2],
  ['idlePercent', 'idle CPU %', 2],
  ['seconds', 's', 2],
  ['megabytes', 'MB', 0],
  ['clientPercent', 'client CPU %', 0],
];

/** Markdown. Medians with min–max over the rounds. */
export function tableOf({ title, each, variants, main, notes }: SuiteResult): string {
  // If nothing is stored, the databases' columns are empty.
  const used = columns.filter(([name]) => variants.some((variant) => isWorthSaying(variant, name)));
  const ours = valuesOf(variants[0], main);
  const head = ['', ...used.map(([, text]) => text), '÷ first'];
  const rows = variants.map((variant) => [
    variant.name,
    ...used.map(([name, , digits]) => spread(valuesOf(variant, name), digits)),
    spread(
      valuesOf(variant, main).map((value, i) => value / (ours[i] ?? Number.NaN)),
      2,
    ),
  ]);
  const said = notes.map((note) => `\n- ${note}`).join('');
  return `### ${title}\n\nEach is a ${each}.\n\n${markdown(head, rows)}${said && `\n${said}`}`;
}

const NEGLIGIBLE_MICROS = 0.5;

function isWorthSaying(variant: VariantResult, name: FigureName): boolean {
  const values = valuesOf(variant, name);
  const isShared = name === 'postgresMicros' || name === 'redisMicros' || name === 'wholeMicros';
  return values.length > 0 && (!isShared || median(values) > NEGLIGIBLE_MICROS);
}

const SIGNS: Record<Verdict, string> = {
  goal: '✔ goal',
  must: '✔ must',
  missed: '✘ missed',
  'not measured': '– not measured',
};

export function marksOf(marks: readonly MarkResult[]): string {
  if (marks.length === 0) return '';
  const rows = marks.map(({ title, sense, must, goal, unit = '', values, verdict }) => {
    const sign = sense === 'at least' ? '≥' : '≤';
    const digits = must < 100 ? 2 : 0;
    return [
      title,
      spread(values, digits) + unit,
      `${sign} ${must}${unit}`,
      `${sign} ${goal}${unit}`,
      SIGNS[verdict],
    ];
  });
  return markdown(['', 'measured', 'must', 'goal', ''], rows);
}

const roundsOf = ({ variants }: SuiteResult) => Math.max(...variants.map(({ rounds }) => rounds.length));

function saidOfRounds(suites: readonly SuiteResult[]): string {
  const counts = [...new Set(suites.map(roundsOf))].sort((a, b) => b - a);
  const said = counts.map((count) => {
    const rounds = `${count} round${count === 1 ? '' : 's'}`;
    const of = suites.filter((suite) => roundsOf(suite) === count).map(({ title }) => title);
    return counts.length > 1 ? `${rounds} (${of.join('; ')})` : rounds;
  });
  return said.join(', ');
}

/** All of it, from the marks to the machine; of runs with another Node.js, the marks. */
export function reportOf([facts, ...others]: readonly Facts[]): string {
  if (!facts) return '';
  const reports = others.map(({ versions, suites }) => {
    const { node = '' } = versions;
    const marks = marksOf(suites.flatMap((suite) => suite.marks));
    return `### On Node.js ${node}\n\nThe same commit and machine; ${saidOfRounds(suites)}.\n\n${marks}`;
  });
  return [reportOfOne(facts), ...reports].join('\n\n');
}

function reportOfOne({ date, isQuick, machine, versions, load, suites }: Facts): string {
  const { cores, cpu, memoryGiB, platform, commit, hasChanges } = machine;
  const names = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  const facts = [
    `${date}, commit ${commit}${hasChanges ? ' with changes' : ''}; ${saidOfRounds(suites)}${isQuick ? ', `--quick`' : ''}.`,
    `${cores} cores (${cpu}), ${memoryGiB} GiB, ${platform}; ${names.join(', ')}.`,
    `Load average from ${Math.min(...load)} to ${Math.max(...load)}.`,
  ];
  const marks = suites.flatMap((suite) => suite.marks);
  return [facts.join('\n'), marksOf(marks), ...suites.map(tableOf)].join('\n\n');
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, i) => (i === 0 ? '---' : '--:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

function valuesOf(variant: VariantResult | undefined, name: FigureName): number[] {
  return (variant?.rounds ?? []).flatMap((figures) => {
    const value = figures[name];
    return value === undefined || Number.isNaN(value) ? [] : [value];
  });
}

function spread(values: readonly number[], digits: number): string {
  if (values.length === 0) return '';
  const text = (value: number) => value.toFixed(digits);
  const [least, most] = [text(Math.min(...values)), text(Math.max(...values))];
  const middle = text(median(values));
  return least === most ? middle : `${middle} (${least}–${most})`;
}
