import {
  type ASTVisitor,
  type DirectiveNode,
  GraphQLError,
  type OperationDefinitionNode,
  type SelectionSetNode,
  SingleFieldSubscriptionsRule,
  type ValidationContext,
} from 'graphql';

const CONDITIONS = ['skip', 'include'];

/**
 * Validation rule: a subscription selects exactly one field, without @skip and @include (GraphQL specification of
 * September 2025, 5.2.4.1). Replaces the rule of graphql-js 16, which throws on a condition with a variable.
 */
export function oneUnconditionalRoot(context: ValidationContext): ASTVisitor {
  const oneRoot = SingleFieldSubscriptionsRule(context) as {
    OperationDefinition(node: OperationDefinitionNode): void;
  };
  return {
    OperationDefinition(node) {
      if (node.operation !== 'subscription') return;
      const conditions = [...conditionsIn(node.selectionSet, context, new Set())];
      for (const condition of conditions) context.reportError(refused(condition));
      if (conditions.length === 0) oneRoot.OperationDefinition(node);
    },
  };
}

function refused(condition: DirectiveNode): GraphQLError {
  const detail = `The field of a subscription always runs: it takes no @${condition.name.value}.`;
  return new GraphQLError(detail, { nodes: condition });
}

function* conditionsIn(
  { selections }: SelectionSetNode,
  context: ValidationContext,
  seen: Set<string>,
): Generator<DirectiveNode> {
  for (const selection of selections) {
    yield* (selection.directives ?? []).filter(({ name }) => CONDITIONS.includes(name.value));
    if (selection.kind === 'InlineFragment') yield* conditionsIn(selection.selectionSet, context, seen);
    if (selection.kind !== 'FragmentSpread' || seen.has(selection.name.value)) continue;
    seen.add(selection.name.value);
    const fragment = context.getFragment(selection.name.value);
    if (fragment) yield* conditionsIn(fragment.selectionSet, context, seen);
  }
}
