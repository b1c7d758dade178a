import type {
  Client,
  ConnectionState,
  HistoryInfo,
  MemberInfo,
  MessageInfo,
  Observable,
  OutboxEntry,
  Person,
  RoomHandle,
  RoomInfo,
} from '@parley/client';
import { type LiveRoom, liveRoom, type Receipts } from '@parley/client/live';
import {
  createContext,
  createElement,
  type ReactElement,
  type ReactNode,
  useCallback,
  useContext,
  useSyncExternalStore,
} from 'react';

const Context = createContext<Client | null>(null);

interface ProviderProps {
  /** Create it once, outside of components: it outlives them, also in StrictMode. */
  readonly client: Client;
  readonly children?: ReactNode;
}

/** Provides a client to all hooks below it. It neither opens nor closes the client. */
export function ParleyProvider({ client, children }: ProviderProps): ReactElement {
  return createElement(Context.Provider, { value: client }, children);
}

/**
 * Returns the client of the provider, for everything without a hook.
 * @throws Error outside of a provider
 */
export function useParley(): Client {
  const client = useContext(Context);
  if (!client) throw new Error('This hook needs a <ParleyProvider> above it.');
  return client;
}

/** Returns the value of an observable of the client, and renders the component again when it changes. */
export function useObservable<Value>(source: Observable<Value>): Value {
  const subscribe = useCallback((listener: () => void) => source.subscribe(listener), [source]);
  const read = useCallback(() => source.getSnapshot(), [source]);
  return useSyncExternalStore(subscribe, read, read);
}

/** The state of the connection: signed out, connecting, catching up, live or offline. */
export function useConnection(): ConnectionState {
  return useObservable(useParley().connection);
}

/** The signed-in user; null if there is none. */
export function useViewer(): Person | null {
  return useObservable(useParley().viewer);
}

/** The rooms of the viewer, latest activity first. */
export function useRooms(): readonly RoomInfo[] {
  return useObservable(useParley().rooms);
}

/** The unsent messages of all rooms. */
export function useOutbox(): readonly OutboxEntry[] {
  return useObservable(useParley().outbox);
}

/** The handle of a room, with all its actions. */
export function useRoomHandle(roomId: string): RoomHandle {
  return useParley().room(roomId);
}

/** The data of a room; null if the viewer is not a member. */
export function useRoom(roomId: string): RoomInfo | null {
  return useObservable(useRoomHandle(roomId).info);
}

/** The messages to show, oldest first, and then the messages that wait to be sent. */
export function useMessages(roomId: string): readonly MessageInfo[] {
  return useObservable(useRoomHandle(roomId).messages);
}

/** Whether there are older and newer messages than those shown. */
export function useHistory(roomId: string): HistoryInfo {
  return useObservable(useRoomHandle(roomId).history);
}

export function useMembers(roomId: string): readonly MemberInfo[] {
  return useObservable(useRoomHandle(roomId).members);
}

/** What happens beside the log of a room: `setTyping` reports that the viewer is typing. */
export function useLiveRoom(roomId: string): LiveRoom {
  return liveRoom(useParley(), roomId);
}

/** The other users who are typing now. */
export function useTyping(roomId: string): readonly Person[] {
  return useObservable(useLiveRoom(roomId).typing);
}

/** How far the others have received and read the own messages that the room shows, by the id of the message. */
export function useReceipts(roomId: string): Receipts {
  return useObservable(useLiveRoom(roomId).receipts);
}

/**
 * Returns a function that sends a message: shown at once, sent as soon as possible. The function stays the same for the
 * same room.
 */
export function useSend(roomId: string): RoomHandle['send'] {
  const room = useRoomHandle(roomId);
  return useCallback<RoomHandle['send']>((text, options) => room.send(text, options), [room]);
}
