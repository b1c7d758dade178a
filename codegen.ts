import type { CodegenConfig } from '@graphql-codegen/cli';

/** The typed client of the tests, as a frontend team would generate its own from schema.graphql. */
const config: CodegenConfig = {
  schema: 'schema.graphql',
  documents: ['test/client/**/*.graphql', 'examples/**/*.graphql'],
  generates: {
    'test/client/gql/': {
      preset: 'client',
      config: {
        useTypeImports: true,
        enumsAsConst: true,
        documentMode: 'string',
        emitLegacyCommonJSImports: false,
        importExtension: '.ts',
        strictScalars: true,
        scalars: { DateTime: 'string', Cursor: 'string', ID: 'string' },
      },
      presetConfig: { fragmentMasking: false },
    },
  },
};

export default config;
