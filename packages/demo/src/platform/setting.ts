import { Cell } from './cell.ts';

/** A choice of the user, which this browser stores. */
export class Setting<Value extends string> extends Cell<Value> {
  private readonly name: string;

  constructor(name: string, isValid: (text: string) => text is Value, fallback: Value) {
    const stored = read(name);
    super(stored !== null && isValid(stored) ? stored : fallback);
    this.name = name;
  }

  override set(value: Value): void {
    super.set(value);
    try {
      localStorage.setItem(keyOf(this.name), value);
    } catch {
      // The browser stores nothing for this page: the choice lasts until the page is closed.
    }
  }
}

const keyOf = (name: string) => `parley ${name}`;

function read(name: string): string | null {
  try {
    return localStorage.getItem(keyOf(name));
  } catch {
    return null;
  }
}
