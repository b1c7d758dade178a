import type { CodegenConfig } from '@graphql-codegen/cli';

const config = {
  useTypeImports: true,
  enumsAsConst: true,
  importExtension: '.ts',
  strictScalars: true,
  scalars: { DateTime: 'string', Cursor: 'string', ID: 'string' },
} as const;

/** The documents of the SDK, and the typed client of the tests, as a frontend team would generate its own. */
const codegen: CodegenConfig = {
  schema: 'schema.graphql',
  generates: {
    'packages/client/src/generated/documents.ts': {
      documents: 'packages/client/src/documents/*.graphql',
      plugins: ['typescript-operations', './scripts/client-documents.mjs'],
      config,
    },
    'test/client/gql/': {
      documents: ['test/client/**/*.graphql', 'packages/client/src/documents/inbox.graphql'],
      preset: 'client',
      config: { ...config, documentMode: 'string', emitLegacyCommonJSImports: false },
      presetConfig: { fragmentMasking: false },
    },
  },
};

export default codegen;
