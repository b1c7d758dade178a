import { builder } from '../graphql/builder.ts';

export const ProofInput = builder.inputType('ProofInput', {
  description: 'Shows that the user is there, because a session alone may be a stolen one.',
  fields: (t) => ({
    password: t.string({ description: 'The password of the account.' }),
    code: t.string({
      description:
        'A code of the app, or a recovery code. Required if the account has an app; the code is used up.',
    }),
  }),
});

type Fields = PothosSchemaTypes.InputFieldBuilder<(typeof builder)['$inferSchemaTypes'], 'InputObject'>;

/** The input of changes that a session alone may not make. */
export const proofIn = (t: Fields) => ({
  proof: t.field({ type: ProofInput, required: true, description: 'Shows that the user is there.' }),
});
