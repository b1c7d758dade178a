import type { HistoryInfo, MessageInfo, RoomHandle } from '@parley/client';
import type { RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';

/** The next page is read when less than this is left to scroll, in pixels. */
const LOAD_WITHIN = 600;
/** A smaller distance counts as the end, in pixels. */
const END_WITHIN = 48;
/** The pause after a page that could not be read, in milliseconds. */
const PAUSE_MS = 3_000;

interface Place {
  isAtEnd: boolean;
  /** The first visible message, and its distance from the upper edge. */
  anchor: { readonly key: string; readonly top: number } | null;
  /** No page is read before this time. */
  pausedUntil: number;
}

export interface Scrolling {
  readonly box: RefObject<HTMLDivElement | null>;
  readonly isAtEnd: boolean;
  readonly onScroll: () => void;
  readonly toEnd: () => void;
}

/**
 * Keeps the visible part in place when messages are added above or below: the newest messages at the end, the same
 * message elsewhere. Reads pages in both directions before they are needed, and tells which message is the last
 * visible one.
 */
export function useScrolling(
  room: RoomHandle,
  messages: readonly MessageInfo[],
  history: HistoryInfo,
  onLook: (box: HTMLElement, lastKey: string) => void,
): Scrolling {
  const box = useRef<HTMLDivElement>(null);
  const place = useRef<Place>({ isAtEnd: true, anchor: null, pausedUntil: 0 }).current;
  const [isAtEnd, setAtEnd] = useState(true);
  const look = () => {
    if (!box.current) return;
    place.isAtEnd = !history.hasNewer && distanceToEnd(box.current) < END_WITHIN;
    place.anchor = anchorIn(box.current);
    setAtEnd(place.isAtEnd);
    const last = lastIn(box.current);
    if (last) onLook(box.current, last);
    load(room, box.current, history, place);
  };
  const toEnd = () => {
    place.isAtEnd = true;
    if (history.hasNewer) void room.showLatest();
    else if (box.current) box.current.scrollTop = box.current.scrollHeight;
  };
  useLayoutEffect(() => {
    if (box.current) restore(box.current, place);
    look();
  }, [messages, history]);
  useResize(box, () => box.current && restore(box.current, place));
  return { box, isAtEnd, onScroll: look, toEnd };
}

const distanceToEnd = (box: HTMLElement) => box.scrollHeight - box.scrollTop - box.clientHeight;

function restore(box: HTMLElement, { isAtEnd, anchor }: Place): void {
  if (isAtEnd) box.scrollTop = box.scrollHeight;
  else if (anchor) {
    const held = elementOf(box, anchor.key);
    if (held) box.scrollTop += topIn(box, held) - anchor.top;
  }
}

export const elementOf = (box: HTMLElement, key: string) =>
  box.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);

const topIn = (box: HTMLElement, element: HTMLElement) =>
  element.getBoundingClientRect().top - box.getBoundingClientRect().top;

function anchorIn(box: HTMLElement): Place['anchor'] {
  const all = [...box.querySelectorAll<HTMLElement>('[data-key]')];
  let [low, high] = [0, all.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    const each = all[middle];
    if (each && topIn(box, each) + each.offsetHeight > 0) high = middle;
    else low = middle + 1;
  }
  const first = all[low];
  return first ? { key: first.dataset['key'] ?? '', top: topIn(box, first) } : null;
}

/** The last message of which something is in view. */
function lastIn(box: HTMLElement): string | undefined {
  const isIn = (each: HTMLElement) => topIn(box, each) < box.clientHeight;
  return [...box.querySelectorAll<HTMLElement>('[data-key]')].findLast(isIn)?.dataset['key'];
}

function load(room: RoomHandle, box: HTMLElement, history: HistoryInfo, place: Place): void {
  const isLive = client.connection.getSnapshot().status === 'live';
  if (!isLive || history.loading || performance.now() < place.pausedUntil) return;
  const pause = () => {
    place.pausedUntil = performance.now() + PAUSE_MS;
  };
  if (history.hasOlder && box.scrollTop < LOAD_WITHIN) room.loadOlder().catch(pause);
  else if (history.hasNewer && distanceToEnd(box) < LOAD_WITHIN) room.loadNewer().catch(pause);
}

/** An on-screen keyboard, a longer draft or another orientation change the height of the list. */
function useResize(box: RefObject<HTMLElement | null>, onResize: () => void): void {
  useLayoutEffect(() => {
    if (!box.current) return;
    const observer = new ResizeObserver(onResize);
    observer.observe(box.current);
    return () => observer.disconnect();
  }, []);
}
