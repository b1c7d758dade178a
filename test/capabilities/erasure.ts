import { expect } from 'vitest';
import { closingRefusals, RECENT_SIGN_IN_MINUTES } from '../../src/erasure/accounts.ts';
import { blockChanged } from '../../src/privacy/events.ts';
import { memberUpdated } from '../../src/rooms/events.ts';
import { threadUpdated } from '../../src/threads/events.ts';
import { signUp } from '../harness/people.ts';
import { row } from '../realtime/convergence/row.ts';
import type { CapabilityCases } from './cases.ts';

const PASSWORD = 'correct horse battery';

export const erasure: CapabilityCases = {
  name: 'erasure',
  limits: {
    'a sign-in before `deleteAccount`, of a user without a password': [RECENT_SIGN_IN_MINUTES],
  },
  mutations: {
    deleteAccount: 'the users of a run stay',
    // The users of a run are no administrators.
    deleteUser: row(1, (world) => ({ userId: world.userId() }), '__typename'),
  },
  inputs: { erasesMessages: true },
  plans: {
    async 'an account that is deleted with its messages'({ ada, bob }) {
      const eve = await signUp(ada.node, 'eve');
      const roomId = await ada.createRoom('of eve');
      for (const person of [bob, eve]) await person.join(roomId);
      await eve.say(roomId, 'soon gone');
      const { message } = await bob.say(roomId, `hello @${eve.username}`);
      await bob.change('blockUser', { userId: eve.userId }, 'accountSeq');
      await eve.change(
        'deleteAccount',
        { proof: { password: PASSWORD }, erasesMessages: true },
        '__typename',
      );
      // The job replaces the name after everything else.
      const query = 'query ($id: ID!) { node(id: $id) { ... on Message { text } } }';
      const text = async () => (await bob.ask(query, { id: message.id })).data.node.text;
      await expect.poll(text, { timeout: 60_000, interval: 50 }).toContain('@deleted-');
    },
  },
  sqlNumbers: {
    accountEvents: { lift_blocks: [blockChanged.number] },
    events: {
      take_out_erased: [memberUpdated.number, memberUpdated.number],
      erase_titles: [threadUpdated.number],
    },
  },
  statuses: { functions: ['close_account'], refusals: closingRefusals },
};
