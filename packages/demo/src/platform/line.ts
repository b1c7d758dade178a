import { Cell } from './cell.ts';

/** The state that the panel of the guarantee shows. */
export interface LineState {
  readonly isCut: boolean;
  readonly interruptions: number;
  readonly received: number;
  readonly gaps: number;
  readonly repeats: number;
}

/** An item of the stream, with its number. */
export interface NumberedItem {
  readonly __typename: string;
  readonly roomSeq?: number;
  readonly roomId?: string;
  readonly room?: { readonly id: string };
}

const fresh: LineState = { isCut: false, interruptions: 0, received: 0, gaps: 0, repeats: 0 };

/** Messages between tabs: a new tab asks, and each tab sends its changes. */
type News = { readonly kind: 'hello' } | { readonly kind: 'state'; readonly state: LineState };

/**
 * The connection to the server. It can be cut, and it checks the numbers of all items that the client applies. One tab
 * has the connection; all tabs show the same numbers, and each can cut it.
 */
export class Line {
  readonly state = new Cell<LineState>(fresh);
  /** Passed to the client instead of the global ones. */
  readonly WebSocket: typeof WebSocket;
  readonly fetch: typeof fetch;
  private readonly sockets = new Set<WebSocket>();
  /** By room: the number of its last event. */
  private readonly last = new Map<string, number>();
  private readonly tabs = new BroadcastChannel('parley demo line');

  constructor() {
    this.tabs.onmessage = ({ data }) => this.hear(data as News);
    this.say({ kind: 'hello' });
    this.WebSocket = socketsOf(this.sockets, () => this.state.getSnapshot().isCut);
    this.fetch = (...args) =>
      this.state.getSnapshot().isCut
        ? Promise.reject(new TypeError('The connection is cut.'))
        : fetch(...args);
  }

  cut(): void {
    const { interruptions } = this.state.getSnapshot();
    this.change({ isCut: true, interruptions: interruptions + 1 });
  }

  restore(): void {
    this.change({ isCut: false });
  }

  /** Called after a sign-out: later items have other numbers. */
  reset(): void {
    this.last.clear();
    this.state.set(fresh);
  }

  /** Called with each item, in the order in which the client applies them. */
  readonly check = (item: NumberedItem): void => {
    const roomId = item.room?.id ?? item.roomId;
    if (item.__typename === 'ResyncRequired') this.last.clear();
    if (roomId === undefined || item.roomSeq === undefined) return;
    if (item.__typename === 'RoomAccessLost') this.last.delete(roomId);
    else if (item.__typename === 'RoomAccessGranted') this.last.set(roomId, item.roomSeq - 1);
    else this.count(roomId, item.roomSeq);
  };

  private count(roomId: string, seq: number): void {
    const expected = (this.last.get(roomId) ?? seq - 1) + 1;
    const { received, gaps, repeats } = this.state.getSnapshot();
    this.last.set(roomId, Math.max(seq, expected - 1));
    this.change({
      received: received + 1,
      gaps: gaps + Math.max(0, seq - expected),
      repeats: repeats + (seq < expected ? 1 : 0),
    });
  }

  private change(change: Partial<LineState>): void {
    const state = { ...this.state.getSnapshot(), ...change };
    this.show(state);
    this.say({ kind: 'state', state });
  }

  private show(state: LineState): void {
    this.state.set(state);
    if (state.isCut) for (const socket of [...this.sockets]) socket.close();
  }

  private hear(news: News): void {
    const state = this.state.getSnapshot();
    if (news.kind === 'state') this.show(news.state);
    else if (state !== fresh) this.say({ kind: 'state', state });
  }

  private say(news: News): void {
    this.tabs.postMessage(news);
  }
}

/** WebSockets that are tracked while they are open, and fail while the connection is cut. */
function socketsOf(open: Set<WebSocket>, isCut: () => boolean): typeof WebSocket {
  return class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      open.add(this);
      this.addEventListener('close', () => open.delete(this));
      if (isCut()) this.close();
    }
  };
}
