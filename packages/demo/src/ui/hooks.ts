import type { Observable } from '@parley/client';
import { useLayoutEffect, useState } from 'preact/hooks';
import type { Texts } from '../texts/en.ts';
import { language, textsIn } from '../texts/texts.ts';

/** Returns the value of an observable, and renders the component again when it changes. */
export function useValue<Value>(source: Observable<Value>): Value {
  const [, refresh] = useState({});
  const shown = source.getSnapshot();
  useLayoutEffect(() => {
    const update = () => refresh({});
    if (source.getSnapshot() !== shown) update();
    return source.subscribe(update);
  }, [source]);
  return shown;
}

export function useTexts(): Texts {
  return textsIn(useValue(language));
}
