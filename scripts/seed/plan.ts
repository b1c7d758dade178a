/** What is written: people, rooms and their messages, whether made up or read from logs. */
export interface Plan {
  readonly people: readonly PlannedPerson[];
  readonly rooms: readonly PlannedRoom[];
}

export interface PlannedPerson {
  readonly username: string;
  readonly displayName: string;
}

export interface PlannedRoom {
  readonly name: string;
  readonly description: string | null;
  /** By username; the first one owns the room. */
  readonly members: readonly string[];
  readonly createdAt: Date;
  /** Oldest first. */
  readonly messages: readonly PlannedMessage[];
}

export interface PlannedMessage {
  readonly author: string;
  readonly text: string;
  readonly at: Date;
  /** How many messages before it the one is that it quotes. */
  readonly quotes: number | null;
  readonly reactions: readonly { readonly person: string; readonly emoji: string }[];
}
