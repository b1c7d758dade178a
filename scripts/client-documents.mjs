// A plugin of graphql-codegen for packages/client: documents as plain strings that share their fragments. They cost a
// bundle little, and one that nothing imports is left out of it.
import { Kind, print, stripIgnoredCharacters, visit } from 'graphql';

const HEADER = `
/** A document as text, with the types of its answer and its variables. */
export type TypedText<Data, Variables> = string & { readonly __types?: (variables: Variables) => Data };

/** A call that is marked as pure: bundlers leave out what nothing imports. */
const text = (...parts: readonly string[]): string => parts.join('');

/** Mutations are all alike, and there are many: what differs is enough. The operation has the name of the mutation. */
const mutation = (type: string, success: string, ...fragments: readonly string[]): string => {
  const field = type.charAt(0).toLowerCase() + type.slice(1);
  const selection = success && \`...on \${type}Success{\${success}}\`;
  return text(\`mutation \${type}($input:\${type}Input!){\${field}(input:$input){__typename \${selection}...Refused}}\`, ...fragments);
};
`;

/** A mutation like most: one field with one input, its success, and the refusals. */
const USUAL =
  /^mutation \w+\(\$input:(\w+)Input!\)\{(\w+)\(input:\$input\)\{__typename (?:\.\.\.on \1Success\{(.*)\})?\.\.\.Refused\}\}$/;

/** @param {import('graphql').DefinitionNode} definition */
function textOf(definition) {
  return stripIgnoredCharacters(print(definition)).replaceAll('${', '\\${');
}

/** @param {import('graphql').DefinitionNode} definition @returns {string[]} */
function spreadsIn(definition) {
  /** @type {Set<string>} */
  const names = new Set();
  visit(definition, { FragmentSpread: ({ name }) => void names.add(name.value) });
  return [...names];
}

/** The fragments that a definition needs, each once, also those of other fragments.
 * @param {import('graphql').DefinitionNode} definition
 * @param {Map<string, import('graphql').FragmentDefinitionNode>} fragments
 * @param {Set<string>} [found] */
function fragmentsOf(definition, fragments, found = new Set()) {
  for (const name of spreadsIn(definition)) {
    const fragment = fragments.get(name);
    if (!fragment || found.has(name)) continue;
    found.add(name);
    fragmentsOf(fragment, fragments, found);
  }
  return [...found];
}

/** @type {import('@graphql-codegen/plugin-helpers').PluginFunction} */
export const plugin = (_schema, files) => {
  const definitions = files.flatMap(({ document }) => document?.definitions ?? []);
  const fragments = new Map(
    definitions.flatMap((each) => (each.kind === Kind.FRAGMENT_DEFINITION ? [[each.name.value, each]] : [])),
  );
  const parts = [...fragments].map(([name, each]) => `const ${name} = \`${textOf(each)}\`;`);
  const operations = definitions.flatMap((each) => {
    if (each.kind !== Kind.OPERATION_DEFINITION || !each.name) return [];
    const name = each.name.value;
    const suffix = each.operation.charAt(0).toUpperCase() + each.operation.slice(1);
    const [, type, field, success = ''] = USUAL.exec(textOf(each)) ?? [];
    const isUsual = type !== undefined && field === type.charAt(0).toLowerCase() + type.slice(1);
    const [make, ...own] = isUsual
      ? ['mutation', `'${type}'`, `'${success}'`]
      : ['text', `\`${textOf(each)}\``];
    const call = `${make}(${[...own, ...fragmentsOf(each, fragments)].join(', ')})`;
    const typed = `TypedText<${name}${suffix}, ${name}${suffix}Variables>`;
    return `export const ${name}Document: ${typed} = /* @__PURE__ */ ${call};`;
  });
  return [HEADER, ...parts, ...operations].join('\n');
};
