/**
 * Runs in GraphiQL's page before GraphiQL does: the access token of the last sign-in goes along with what all tabs
 * send, so that the examples work one after the other without anybody copying it into six header editors. An
 * authorization in the header editor wins. A second window begins as whoever signed in last, and may sign in as somebody
 * else: two windows make a conversation.
 */
export const sessionScript = `(() => {
  const KEY = 'parley access token';
  const stores = [sessionStorage, localStorage];
  const token = () => stores.map((store) => store.getItem(KEY)).find(Boolean);
  const hasOwn = (headers) => Object.entries(headers ?? {}).some(([name, value]) => name.toLowerCase() === 'authorization' && value);

  const remember = ({ data }) => {
    for (const answer of Object.values(data ?? {})) {
      const given = answer?.tokens?.accessToken;
      if (given) for (const store of stores) store.setItem(KEY, 'Bearer ' + given);
    }
  };

  // GraphiQL keeps its tabs, but what is in the active one only once it was edited; without that a reload opens another, empty one.
  const tabs = JSON.parse(localStorage.getItem('graphiql:tabState') ?? 'null');
  for (const [name, value] of Object.entries(tabs?.tabs?.[tabs.activeTabIndex] ?? {})) {
    const isEditor = ['query', 'variables', 'headers'].includes(name);
    if (isEditor && value && localStorage.getItem('graphiql:' + name) === null) localStorage.setItem('graphiql:' + name, value);
  }

  const plainFetch = window.fetch;
  window.fetch = async (input, init = {}) => {
    const headers = new Headers(init.headers);
    const isOurs = token() && !headers.get('authorization');
    if (isOurs) headers.set('authorization', token());
    const response = await plainFetch(input, { ...init, headers });
    if (isOurs && response.status === 401) {
      for (const store of stores) store.removeItem(KEY); // expired: as nobody, one can sign in again
      return plainFetch(input, init);
    }
    response.clone().json().then(remember, () => undefined);
    return response;
  };

  const plainSend = WebSocket.prototype.send;
  WebSocket.prototype.send = function (text) {
    const message = JSON.parse(text);
    if (message.type !== 'subscribe' || !token() || hasOwn(message.payload.extensions?.headers)) return plainSend.call(this, text);
    const extensions = { ...message.payload.extensions, headers: { authorization: token() } };
    return plainSend.call(this, JSON.stringify({ ...message, payload: { ...message.payload, extensions } }));
  };
})();`;
