import type { Field } from '../../src/changes/composite.ts';
import type { StatusRefusals } from '../../src/platform/database-codes.ts';
import type { Person } from '../harness/people.ts';
import type { Scene } from '../harness/scene.ts';
import type { Rows } from '../realtime/convergence/row.ts';

/** Ada's room with bob, and the last message in it. */
export interface Place {
  readonly ada: Person;
  readonly bob: Person;
  readonly roomId: string;
  readonly messageId: string;
}

/** Kinds of room events, states of rooms, limits behind `>` and `<=`, and numbers that mean nothing elsewhere. */
export type SqlNumbers = 'events' | 'accountEvents' | 'states' | 'above' | 'upTo' | 'own';

/** The generator of a run, whichever it is. */
interface Chance {
  chance(probability: number): boolean;
  pick<Item>(from: readonly Item[]): Item;
}

/**
 * What the tests of all capabilities take from one of them. Each part adds rows to a shared test; what a capability does
 * not have is left out.
 */
export interface CapabilityCases {
  /** As it is registered in src/capabilities.ts. */
  readonly name: string;
  /** Limits of docs/protocol.md: the beginning of a row, and its numbers. */
  readonly limits?: Readonly<Record<string, readonly number[]>>;
  /** How its kinds of events come about. Bob is a member of the hall, and Ada's message is there. */
  readonly causes?: Readonly<Record<string, (scene: Scene) => Promise<unknown>>>;
  /** Its mutations, as users of the convergence test call them. */
  readonly mutations?: Rows;
  /** Statements that store what ordinary users cannot make, before users act. */
  readonly stored?: readonly string[];
  /** Valid values for fields of its inputs, by the names of the fields; ids of the scene have theirs already. */
  readonly inputs?: Readonly<Record<string, unknown>>;
  /** What is attached to messages. */
  readonly satellite?: SatelliteCases;
  /** Makes under a message what its lists and events show; the person is the author of the message. */
  readonly beneath?: (person: Person, roomId: string, messageId: string) => Promise<unknown>;
  /** Lists with cursors: a document with `$id` (a room) and `$after`, and where the connection is in its answer. */
  readonly lists?: Readonly<Record<string, ListCase>>;
  /** Its kinds of events that change nothing in the state of the reducer: clients show them in lists that they load. */
  readonly unfolded?: readonly string[];
  /** Whose plans of the database are looked at: documents with `$id` (a room) and `$message`, and changes. */
  readonly plans?: Readonly<Record<string, string | ((place: Place) => Promise<unknown>)>>;
  /** Its kinds of batched changes. */
  readonly batches?: BatchCases | readonly BatchCases[];
  /** Documents with `$id` and `$n`, the size of the page, and how many statements they take at most. */
  readonly pages?: readonly (readonly [what: string, document: string, statements: number])[];
  /** What subscribers under faults select of its types. */
  readonly selections?: Readonly<Record<string, string>>;
  /** Numbers that its functions in prisma/functions write out: by what they are, then by function. */
  readonly sqlNumbers?: Readonly<Partial<Record<SqlNumbers, Readonly<Record<string, readonly number[]>>>>>;
  /** Functions that return statuses of changes, and what these mean to a client. */
  readonly statuses?: { readonly functions: readonly string[]; readonly refusals: StatusRefusals };
  /** A change of a message that describes a state, so that it may be repeated: a mutation and its input. */
  readonly repeatable?: (random: Chance, messageId: string) => readonly [mutation: string, input: object];
  /** Numbers that count rows: by what is compared, a query that returns a row for each difference. */
  readonly audits?: Readonly<Record<string, string>>;
}

/** A message by its number in the log, and its author. */
export interface Posted {
  readonly seq: number;
  readonly author: number;
}

/** A room with many messages and as many members as a batch can have changes. */
export interface FullRoom {
  readonly roomId: number;
  readonly members: readonly number[];
  /** Messages that no batch has changed yet; as many as a batch can have changes by default. */
  readonly next: (count?: number) => readonly Posted[];
}

export interface ListCase {
  readonly query: string;
  readonly seed: string;
  /** Adds an item to the list, where what is attached to a message does not. */
  readonly fill?: (person: Person, messageId: string) => Promise<unknown>;
}

export interface BatchCases {
  readonly kind: unknown;
  /** Statements that `first` needs in the room `$1`. */
  readonly before?: readonly string[];
  /** Statements that fill its tables for every message of the room `$1`. */
  readonly fill: readonly string[];
  /** One of each, in the first room, of a message of its owner. */
  readonly first: (roomId: number, message: Posted) => readonly Field[][];
  /** Batches whose changes are all made. */
  readonly full: Readonly<Record<string, (room: FullRoom) => Field[][]>>;
}

export interface SatelliteCases {
  /** What of it a message is asked for. */
  readonly selection: string;
  /**
   * Attaches something to a message; another `nth` is another thing. One statement, and one event. Missing where messages
   * have it from the start.
   */
  readonly attach?: (person: Person, messageId: string, nth?: number) => Promise<unknown>;
  /** The event of that. */
  readonly event?: string;
}
