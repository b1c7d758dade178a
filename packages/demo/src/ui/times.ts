import type { Language } from '../texts/texts.ts';

type Style = Intl.DateTimeFormatOptions;

const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, style: Style, at: Date): string {
  const key = language + JSON.stringify(style);
  const held = formats.get(key) ?? new Intl.DateTimeFormat(localeOf(language), style);
  formats.set(key, held);
  return held.format(at);
}

/** The browser's own variant of the language, such as en-GB, decides the format of times. */
function localeOf(language: Language): string {
  return navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) ?? language;
}

export const timeOf = (language: Language, at: string) =>
  format(language, { hour: '2-digit', minute: '2-digit' }, new Date(at));

export const momentOf = (language: Language, at: string) =>
  format(language, { dateStyle: 'full', timeStyle: 'short' }, new Date(at));

export const dayKey = (at: string) => new Date(at).toDateString();

export function dayOf(language: Language, at: string): string {
  const days = daysAgo(at);
  if (days < 2)
    return capital(new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(-days, 'day'));
  return format(language, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }, new Date(at));
}

/** The time if it is today, otherwise the day. */
export function shortly(language: Language, at: string): string {
  if (daysAgo(at) === 0) return timeOf(language, at);
  return format(language, { day: 'numeric', month: 'short' }, new Date(at));
}

function daysAgo(at: string): number {
  const midnight = (date: Date) => new Date(date).setHours(0, 0, 0, 0);
  return Math.max(0, Math.round((midnight(new Date()) - midnight(new Date(at))) / 86_400_000));
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
