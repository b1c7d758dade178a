import { type FragmentDefinitionNode, Kind, type SelectionSetNode } from 'graphql';
import type { WorkBudget } from './work-budget.ts';

/** The selections at one response path, which validation compares with each other. */
interface ResponsePath {
  fields: number;
  /** Selection sets and fragments at this path. */
  sources: number;
  readonly children: Map<string, ResponsePath>;
}

const newPath = (): ResponsePath => ({ fields: 0, sources: 0, children: new Map() });

/**
 * Counts the comparisons that validation makes to decide whether fields can be merged. It is an upper bound: every pair
 * at one path counts once for each use of a fragment. Fragments must have no cycles.
 */
export class FieldComparisons {
  private readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  private readonly budget: WorkBudget;

  constructor(fragments: ReadonlyMap<string, FragmentDefinitionNode>, budget: WorkBudget) {
    this.fragments = fragments;
    this.budget = budget;
  }

  /** @throws GraphQLError OPERATION_TOO_LARGE */
  count(root: SelectionSetNode): void {
    this.enter(root, newPath());
  }

  private enter(selections: SelectionSetNode, path: ResponsePath): void {
    const others = path.sources++;
    this.budget.spend('comparisons', others);
    this.collect(selections, path, others);
  }

  private collect({ selections }: SelectionSetNode, path: ResponsePath, others: number): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        const child = childOf(path, selection.alias?.value ?? selection.name.value);
        this.budget.spend('comparisons', others + child.fields++);
        if (selection.selectionSet) this.enter(selection.selectionSet, child);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.collect(selection.selectionSet, path, others);
      } else {
        const fragment = this.fragments.get(selection.name.value);
        if (fragment) this.enter(fragment.selectionSet, path);
      }
    }
  }
}

function childOf(path: ResponsePath, name: string): ResponsePath {
  const known = path.children.get(name);
  if (known) return known;
  const child = newPath();
  path.children.set(name, child);
  return child;
}
