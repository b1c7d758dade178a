import { Cell } from './cell.ts';

/** The view of the page, stored in its address, so that the back button works. */
export type Route =
  | { readonly page: 'home' }
  | { readonly page: 'directory' }
  | { readonly page: 'room'; readonly roomId: string };

export const route = new Cell<Route>(read());
addEventListener('hashchange', () => route.set(read()));

export function hrefOf(target: Route): string {
  if (target.page === 'room') return `#/room/${encodeURIComponent(target.roomId)}`;
  return target.page === 'directory' ? '#/directory' : '#/';
}

export function go(target: Route): void {
  location.hash = hrefOf(target);
}

function read(): Route {
  const [, page, id] = location.hash.split('/');
  if (page === 'room' && id) return { page: 'room', roomId: decode(id) };
  return page === 'directory' ? { page } : { page: 'home' };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a room of that name does not exist, either
  }
}
