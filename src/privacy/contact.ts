import DataLoader from 'dataloader';
import { type Context, perScope, type SignedIn } from '../context.ts';
import { contactRules } from '../platform/database-codes.ts';
import { updateSharing } from '../receipts/preferences.ts';
import { type ContactRow, findContactRows, setContactRow } from './store.ts';

export type ContactRule = keyof typeof contactRules;

interface UpdatePrivacy {
  readonly sharesReceipts?: boolean | null | undefined;
  readonly directMessagesFrom?: ContactRule | null | undefined;
  readonly addableBy?: ContactRule | null | undefined;
}

/** Changes what others see of the viewer, and who may reach the viewer; what is not given stays. */
export async function updatePrivacy(ctx: SignedIn, input: UpdatePrivacy): Promise<{ userId: number }> {
  const { node, viewer } = ctx;
  await node.limits.spend('change', viewer.userId);
  const rules = {
    directMessagesFrom: numberOf(input.directMessagesFrom),
    addableBy: numberOf(input.addableBy),
  };
  if (rules.directMessagesFrom !== null || rules.addableBy !== null)
    await node.changes.run(`user ${viewer.userId}`, (sql) => setContactRow(sql, viewer.userId, rules));
  await updateSharing(ctx, input);
  return { userId: viewer.userId };
}

const numberOf = (rule: ContactRule | null | undefined) => (rule ? contactRules[rule] : null);

// -- reading -------------------------------------------------------------------------------------

const contactLoader = perScope(
  ({ node }) => new DataLoader<number, ContactRow | null>((ids) => findContactRows(node.db.read, ids)),
);

const names = Object.keys(contactRules) as ContactRule[];

/** Who may reach the user in that way. */
export async function contactRule(ctx: Context, userId: number, way: keyof ContactRow): Promise<ContactRule> {
  const row = await contactLoader(ctx).load(userId);
  return names.find((name) => contactRules[name] === row?.[way]) ?? 'NOBODY';
}
