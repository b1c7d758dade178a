import type { Person } from '../../harness/people.ts';
import type { Player, World } from './world.ts';

/** What a mutation answered: the name of its type, and what of it the rest of the test uses. */
export interface Outcome {
  readonly __typename: string;
  readonly roomSeq?: number;
  readonly roomId?: string | undefined;
}

export interface Row {
  /** How often, compared with the others. */
  readonly weight: number;
  /** Acts as that user, at any node. */
  play(world: World, actor: Player, person: Person): Promise<Outcome>;
}

/** By the names of mutations: a row, or why there is none. */
export type Rows = Readonly<Record<string, ((name: string) => Row) | string>>;

export const ROOM = 'roomSeq room { id }';
export const MESSAGE = 'roomSeq message { id room { id } }';

/** An ordinary row: an input, and what the success is asked for. Answers of rooms and messages are remembered. */
export function row(
  weight: number,
  input: (world: World, actor: Player) => { roomId?: string; [field: string]: unknown },
  fields = 'roomSeq',
): (name: string) => Row {
  return (name) => ({
    weight,
    async play(world, actor, person) {
      const asked = input(world, actor);
      const answer = await person.change(name, asked, fields);
      const roomId = answer.room?.id ?? answer.message?.room?.id ?? asked.roomId;
      if (answer.room?.id && !world.roomIds.includes(roomId)) world.roomIds.push(roomId);
      if (answer.message && !world.messageIds.includes(answer.message.id))
        world.messageIds.push(answer.message.id);
      return { __typename: answer.__typename, roomSeq: answer.roomSeq, roomId };
    },
  });
}
