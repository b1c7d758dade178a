import type { Plan, PlannedMessage, PlannedRoom } from './plan.ts';

interface Line {
  readonly at: string;
  readonly room: string;
  readonly author: string;
  readonly text: string;
}

/**
 * Returns the plan of given logs: one JSON object per line, `{"at", "room", "author", "text"}`, with an RFC 3339 time.
 * @throws Error that names the line
 */
export function planOfLogs(text: string): Plan {
  const lines = text.split('\n').flatMap((line, at) => (line.trim() ? [lineOf(line, at + 1)] : []));
  lines.sort((a, b) => Date.parse(a.at) - Date.parse(b.at));
  const authors = [...new Set(lines.map(({ author }) => author))];
  const rooms = [...new Set(lines.map(({ room }) => room))];
  return {
    people: authors.map((name) => ({ username: usernameOf(name), displayName: name })),
    rooms: rooms.map((name) =>
      roomOf(
        name,
        lines.filter(({ room }) => room === name),
      ),
    ),
  };
}

function roomOf(name: string, lines: readonly Line[]): PlannedRoom {
  const messages = lines.map(messageOf);
  const members = [...new Set(messages.map(({ author }) => author))];
  return { name, description: null, members, createdAt: messages[0]?.at ?? new Date(), messages };
}

const messageOf = ({ at, author, text }: Line): PlannedMessage => ({
  author: usernameOf(author),
  text,
  at: new Date(at),
  quotes: null,
  reactions: [],
});

function lineOf(json: string, number: number): Line {
  const line = parsed(json) as Partial<Line> | null | undefined;
  const isWhole = [line?.at, line?.room, line?.author, line?.text].every(
    (value) => typeof value === 'string',
  );
  if (!isWhole || Number.isNaN(Date.parse(line?.at ?? '')))
    throw new Error(
      `line ${number} must have the form {"at": "2026-11-02T09:30:00Z", "room": "…", "author": "…", "text": "…"}`,
    );
  return line as Line;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** Converts a name to a valid username: 3 to 50 letters without accents, digits, _ and -. */
function usernameOf(name: string): string {
  const plain = name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .slice(0, 50);
  return plain.padEnd(3, '-');
}
