/** The data to write: people, rooms and their messages, generated or read from logs. */
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
  /** Usernames; the first one owns the room. */
  readonly members: readonly string[];
  readonly createdAt: Date;
  /** Oldest first. */
  readonly messages: readonly PlannedMessage[];
}

export interface PlannedMessage {
  readonly author: string;
  readonly text: string;
  readonly at: Date;
  /** The distance in messages to the quoted one. */
  readonly quotes: number | null;
  readonly reactions: readonly { readonly person: string; readonly emoji: string }[];
}
