/**
 * The part of React that this package uses, so that a checkout needs no copy of it. Only this package is compiled with
 * it: applications have the types of their own React.
 */
declare module 'react' {
  export type ReactNode = unknown;
  export interface ReactElement {
    readonly type: unknown;
    readonly props: unknown;
    readonly key: string | null;
  }
  interface Context<Value> {
    readonly Provider: { readonly context: Value };
  }
  export function createContext<Value>(initial: Value): Context<Value>;
  export function createElement<Value>(
    type: Context<Value>['Provider'],
    props: { readonly value: Value },
    ...children: readonly ReactNode[]
  ): ReactElement;
  export function useCallback<Callback>(callback: Callback, inputs: readonly unknown[]): Callback;
  export function useContext<Value>(context: Context<Value>): Value;
  export function useSyncExternalStore<Value>(
    subscribe: (listener: () => void) => () => void,
    getSnapshot: () => Value,
    getServerSnapshot?: () => Value,
  ): Value;
}
