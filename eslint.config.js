// Only for GraphQL: the printed schema, and the documents our test clients send. TypeScript is oxlint's.
import graphql from '@graphql-eslint/eslint-plugin';

const SCHEMA = 'schema.graphql';
const DOCUMENTS = ['test/client/**/*.graphql', 'packages/*/src/**/*.graphql'];

const schemaRules = {
  // GraphiQL is the manual.
  'require-description': {
    types: true,
    rootField: true,
    DirectiveDefinition: true,
    EnumValueDefinition: true,
    FieldDefinition: true,
    InputValueDefinition: true,
  },
  'naming-convention': {
    types: 'PascalCase',
    FieldDefinition: 'camelCase',
    InputValueDefinition: 'camelCase',
    Argument: 'camelCase',
    DirectiveDefinition: 'camelCase',
    EnumValueDefinition: 'UPPER_CASE',
    // A query is a noun.
    'FieldDefinition[parent.name.value=Query]': { style: 'camelCase', forbiddenPrefixes: ['get'] },
  },
  // Each mutation has one input object and answers with a type of its own, so that both can grow.
  'input-name': { checkInputType: true, caseSensitiveInputType: false },
  'no-scalar-result-type-on-mutation': {},
  // What no root reaches, no client can use.
  'no-unreachable-types': {},
  'require-deprecation-reason': {},
  // Exactly one of them is given, so none can be required.
  'require-nullable-fields-with-oneof': {},
  // Connections as the caches of clients know them. Ours also have `nodes`, and the node of an edge may be
  // an event, which is not a Node; a log is read in one direction only.
  'relay-page-info': {},
  'relay-connection-types': {},
  'relay-edge-types': {
    withEdgeSuffix: true,
    shouldImplementNode: false,
    listTypeCanWrapOnlyEdgeType: false,
  },
  'relay-arguments': { includeBoth: false },
};

const documentRules = {
  // What the server would refuse.
  'executable-definitions': {},
  'fields-on-correct-type': {},
  'fragments-on-composite-type': {},
  'known-argument-names': {},
  'known-directives': {},
  'known-fragment-names': {},
  'known-type-names': {},
  'no-undefined-variables': {},
  'no-unused-variables': {},
  'overlapping-fields-can-be-merged': {},
  'possible-fragment-spread': {},
  'provided-required-arguments': {},
  'scalar-leafs': {},
  'value-literals-of-correct-type': {},
  'variables-are-input-types': {},
  'variables-in-allowed-position': {},
  // The generated code is named after them.
  'no-anonymous-operations': {},
  'unique-operation-name': {},
  'unique-fragment-name': {},
  'no-unused-fragments': {},
  'naming-convention': {
    OperationDefinition: 'PascalCase',
    FragmentDefinition: 'PascalCase',
    VariableDefinition: 'camelCase',
  },
};

// One for both: the plugin keeps the first it meets.
const graphQLConfig = { schema: SCHEMA, documents: DOCUMENTS };

function lint(files, options) {
  const rules = Object.entries(options).map(([name, option]) => {
    const settings = Object.keys(option).length > 0 ? [option] : [];
    return [`@graphql-eslint/${name}`, ['error', ...settings]];
  });
  return {
    files: [files],
    plugins: { '@graphql-eslint': graphql },
    languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig } },
    rules: Object.fromEntries(rules),
  };
}

export default [lint(SCHEMA, schemaRules), ...DOCUMENTS.map((files) => lint(files, documentRules))];
