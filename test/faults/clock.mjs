// Loaded into a node before anything else: on SIGUSR2 its wall clock jumps to what a file says. Timers and
// `performance.now()` go on as before, as they do when somebody sets the clock of a machine.
import { readFileSync } from 'node:fs';

const Real = Date;
let offsetMs = 0;

globalThis.Date = new Proxy(Real, {
  construct: (target, args, newTarget) =>
    Reflect.construct(target, args.length ? args : [Real.now() + offsetMs], newTarget),
  apply: () => new Real(Real.now() + offsetMs).toString(),
  get: (target, name, receiver) =>
    name === 'now' ? () => Real.now() + offsetMs : Reflect.get(target, name, receiver),
});

process.on('SIGUSR2', () => {
  offsetMs = Number(readFileSync(process.env['FAULTS_CLOCK_FILE'] ?? '', 'utf8')) || 0;
});
