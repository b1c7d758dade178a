import type { Client } from './client.ts';
import { LoadedList } from './loaded-list.ts';
import { derive } from './observable.ts';
import { allNodes, type Page } from './pages.ts';

/** A list of the signed-in user, empty if there is none. It is loaded again after events of the user's own log. */
export class OwnList<Item> extends LoadedList<Item> {
  constructor(client: Client, loadPage: (from: { after?: string }) => Promise<Page<Item> | undefined>) {
    const changes = derive(
      client.source,
      ({ state }) => [state?.otherSeq, state?.viewerId],
      (accountSeq, viewerId) => `${viewerId} ${accountSeq}`,
    );
    const load = async () => (await allNodes(loadPage)) ?? [];
    super(client, { sources: [changes], version: () => changes.getSnapshot(), load });
  }
}
