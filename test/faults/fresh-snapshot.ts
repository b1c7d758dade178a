import { setTimeout as delay } from 'node:timers/promises';
import type { MessageAnswer, RoomAnswer } from '../../packages/client/src/reducer.ts';
import {
  FoldMessageFragmentDoc,
  InboxSnapshotDocument,
  RoomSnapshotDocument,
} from '../client/gql/graphql.ts';
import { ask } from './api.ts';
import type { Place } from './cluster.ts';
import type { Person } from './world.ts';

const PAGE = 100;
const ATTEMPTS = 5;
const PAUSE_MS = 200;

const olderMessages = `query OlderMessages($id: ID!, $before: String) {
  room(id: $id) { messages(last: ${PAGE}, before: $before) { nodes { ...FoldMessage } pageInfo { hasPreviousPage startCursor } } }
}
${FoldMessageFragmentDoc.toString()}`;

interface OlderPage {
  readonly nodes: readonly MessageAnswer[];
  readonly pageInfo: { readonly hasPreviousPage: boolean; readonly startCursor: string | null };
}

/** Reads what the server says to a person, without the SDK. */
export class SnapshotReader {
  private readonly place: Place;
  private readonly person: Person;

  constructor(place: Place, person: Person) {
    this.place = place;
    this.person = person;
  }

  /** All rooms with their newest messages and all members. @throws Error when no answer comes */
  async rooms(): Promise<RoomAnswer[]> {
    const rooms: RoomAnswer[] = [];
    let after: string | null = null;
    do {
      const { viewer } = await this.ask(InboxSnapshotDocument.toString(), { after });
      rooms.push(...viewer.rooms.nodes);
      after = viewer.rooms.pageInfo.hasNextPage ? viewer.rooms.pageInfo.endCursor : null;
    } while (after !== null);
    return Promise.all(rooms.map((room) => this.withAllMembers(room)));
  }

  /** The newest messages of a room, at least so many where it has them. */
  async messages(id: string, count: number): Promise<MessageAnswer[]> {
    const messages: MessageAnswer[] = [];
    let before: string | null = null;
    do {
      const { nodes, pageInfo } = await this.olderThan(id, before);
      messages.unshift(...nodes);
      before = pageInfo.hasPreviousPage ? pageInfo.startCursor : null;
    } while (before !== null && messages.length < count);
    return messages;
  }

  private async olderThan(id: string, before: string | null): Promise<OlderPage> {
    return (await this.ask(olderMessages, { id, before }))['room'].messages;
  }

  private async withAllMembers(room: RoomAnswer): Promise<RoomAnswer> {
    if ((room.members?.nodes.length ?? 0) >= room.memberCount) return room;
    const variables = { id: room.id, members: PAGE, messages: 1 };
    const { members } = (await this.ask(RoomSnapshotDocument.toString(), variables)).room;
    return { ...room, members };
  }

  private async ask(query: string, variables: object): Promise<Record<string, any>> {
    for (let attempt = 1; ; attempt++) {
      const { data, errors } = await ask(this.place, query, variables, this.person.token);
      if (data && errors.length === 0) return data;
      if (attempt === ATTEMPTS) throw new Error(`no snapshot: ${JSON.stringify(errors)}`);
      await delay(PAUSE_MS);
    }
  }
}
