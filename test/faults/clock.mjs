// Loaded into a node before anything else: on SIGUSR2 its wall clock jumps to what a file says. Timers and
// `performance.now()` go on as before, as they do when somebody sets the clock of a machine. What is due every hour
// runs at once where the file says so: a run is shorter than an hour.
import { readFileSync } from 'node:fs';

const Real = Date;
const HOUR_MS = 3_600_000;
const hourly = new Set();
let offsetMs = 0;

globalThis.Date = new Proxy(Real, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length ? args : [Real.now() + offsetMs], newTarget),
  apply: () => new Real(Real.now() + offsetMs).toString(),
  get: (target, name, receiver) =>
    name === 'now' ? () => Real.now() + offsetMs : Reflect.get(target, name, receiver),
});

const realSetInterval = globalThis.setInterval;
globalThis.setInterval = Object.assign((act, ms, ...args) => {
  if (ms >= HOUR_MS) hourly.add(() => act(...args));
  return realSetInterval(act, ms, ...args);
}, realSetInterval);

process.on('SIGUSR2', () => {
  const [offset, isHourOver] = readFileSync(process.env['FAULTS_CLOCK_FILE'] ?? '', 'utf8').split(' ');
  offsetMs = Number(offset) || 0;
  if (isHourOver) for (const act of hourly) act();
});
