/** Undoes the transforms that GraphiQL puts on its tabs: see `sessionScript`. */
export const tabStyle = '.graphiql-tab { transform: none !important; }';

/**
 * Runs in the page before GraphiQL.
 *
 * - All tabs send the access token of the last sign-in, so that the examples work one after the other. An authorization
 *   in the header editor has priority. The token ends with the window, so two windows can be two users.
 * - A heartbeat does not replace the last event that a subscription shows, unless its document selects heartbeats.
 * - A press on a tab is a click, never the start of a drag. GraphiQL's transforms of tabs are wrong until the first
 *   press, which therefore misses its tab.
 */
export const sessionScript = `(() => {
  const KEY = 'parley access token';
  const token = () => sessionStorage.getItem(KEY);
  const hasOwn = (headers) => Object.entries(headers ?? {}).some(([name, value]) => name.toLowerCase() === 'authorization' && value);

  const remember = ({ data }) => {
    for (const answer of Object.values(data ?? {})) {
      const given = answer?.tokens?.accessToken;
      if (given) sessionStorage.setItem(KEY, 'Bearer ' + given);
    }
  };

  // GraphiQL opens the tab that has the stored content of the editors, which it stores late and only after an edit:
  // that may be another tab than the one that was open, or a new empty one.
  const tabs = JSON.parse(localStorage.getItem('graphiql:tabState') ?? 'null');
  for (const [name, value] of Object.entries(tabs?.tabs?.[tabs.activeTabIndex] ?? {})) {
    if (['query', 'variables'].includes(name)) localStorage.setItem('graphiql:' + name, value ?? '');
  }

  const plainFetch = window.fetch;
  window.fetch = async (input, init = {}) => {
    const headers = new Headers(init.headers);
    const isOurs = token() && !headers.get('authorization');
    if (isOurs) headers.set('authorization', token());
    const response = await plainFetch(input, { ...init, headers });
    if (isOurs && response.status === 401) {
      sessionStorage.removeItem(KEY); // expired: send the request without it, which may be a sign-in
      return plainFetch(input, init);
    }
    response.clone().json().then(remember, () => undefined);
    return response;
  };

  const isHeartbeat = (frame) => {
    const { type, payload } = JSON.parse(frame);
    return type === 'next' && Object.values(payload.data ?? {}).some((item) => item?.__typename === 'Heartbeat');
  };

  const PlainSocket = window.WebSocket;
  window.WebSocket = class extends PlainSocket {
    constructor(...args) {
      super(...args);
      // Added first, so that it can stop a message before GraphiQL's listeners.
      this.addEventListener('message', (event) => {
        if (!this.showsHeartbeats && isHeartbeat(event.data)) event.stopImmediatePropagation();
      });
    }

    send(text) {
      const message = JSON.parse(text);
      if (message.type !== 'subscribe') return super.send(text);
      this.showsHeartbeats ||= message.payload.query.includes('Heartbeat');
      if (!token() || hasOwn(message.payload.extensions?.headers)) return super.send(text);
      const extensions = { ...message.payload.extensions, headers: { authorization: token() } };
      super.send(JSON.stringify({ ...message, payload: { ...message.payload, extensions } }));
    }
  };

  const isTab = ({ target }) => target instanceof Element && target.closest('.graphiql-tab');
  window.addEventListener('pointerdown', (event) => isTab(event) && event.stopPropagation(), { capture: true });
})();`;
