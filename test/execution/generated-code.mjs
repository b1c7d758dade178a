// Loaded into a node before its program: writes down every source text that becomes code while it runs.
import { appendFileSync } from 'node:fs';
import vm from 'node:vm';

const file = process.env.GENERATED_CODE_FILE;
const note = (...sources) => appendFileSync(file, `${JSON.stringify(sources.map(String))}\n`);

/** Calls and constructions are noted; what they do and return stays. */
const noted = (make) =>
  new Proxy(make, {
    apply: (target, self, args) => (note(...args), Reflect.apply(target, self, args)),
    construct: (target, args, made) => (note(...args), Reflect.construct(target, args, made)),
  });

const kinds = [() => 0, async () => 0, function* () {}, async function* () {}];
for (const kind of kinds) {
  const prototype = Object.getPrototypeOf(kind);
  Object.defineProperty(prototype, 'constructor', { value: noted(prototype.constructor) });
}
globalThis.Function = Function.prototype.constructor;
// oxlint-disable-next-line no-eval -- watched, not called
globalThis.eval = noted(globalThis.eval);
for (const name of ['Script', 'compileFunction', 'runInContext', 'runInNewContext', 'runInThisContext'])
  vm[name] = noted(vm[name]);
