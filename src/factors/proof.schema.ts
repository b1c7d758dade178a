import { builder } from '../graphql/builder.ts';

const AssertionResponseInput = builder.inputType('PasskeyAssertionResponseInput', {
  description: 'AuthenticatorAssertionResponseJSON of WebAuthn.',
  fields: (t) => ({
    clientDataJSON: t.string({ required: true, description: 'What the browser says, in base64url.' }),
    authenticatorData: t.string({
      required: true,
      description: 'What the authenticator says, in base64url.',
    }),
    signature: t.string({ required: true, description: 'The signature of both, in base64url.' }),
    userHandle: t.string({ description: 'The handle of the account, in base64url.' }),
  }),
});

export const PasskeyAssertionInput = builder.inputType('PasskeyAssertionInput', {
  description: 'AuthenticationResponseJSON of WebAuthn, of which the server reads these members.',
  fields: (t) => ({
    id: t.string({ required: true, description: 'The id of the credential, in base64url.' }),
    response: t.field({
      type: AssertionResponseInput,
      required: true,
      description: 'The response of the authenticator.',
    }),
  }),
});

export const ProofInput = builder.inputType('ProofInput', {
  description:
    'Shows that the user is there, because a session alone may be a stolen one: the password (with a code if the account has an app), ' +
    'or a passkey.',
  fields: (t) => ({
    password: t.string({ description: 'The password of the account.' }),
    code: t.string({
      description:
        'A code of the app, or a recovery code. Required with the password if the account has an app; the code is used up.',
    }),
    passkey: t.field({
      type: PasskeyAssertionInput,
      description: 'The use of a passkey of the account, for options of beginPasskeyLogin.',
    }),
  }),
});

type Fields = PothosSchemaTypes.InputFieldBuilder<(typeof builder)['$inferSchemaTypes'], 'InputObject'>;

/** The input of changes that a session alone makes only for accounts that have nothing to prove with. */
export const proofIfAnyIn = (t: Fields) => ({
  proof: t.field({
    type: ProofInput,
    description:
      'Shows that the user is there. Required if the account has a password (`Viewer.hasPassword`) or a passkey.',
  }),
});

/** The input of changes that a session alone may not make. */
export const proofIn = (t: Fields) => ({
  proof: t.field({ type: ProofInput, required: true, description: 'Shows that the user is there.' }),
});
