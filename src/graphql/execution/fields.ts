import type {
  FieldNode,
  GraphQLFieldResolver,
  GraphQLObjectType,
  GraphQLOutputType,
  GraphQLResolveInfo,
} from 'graphql';
import type { Path } from './field-errors.ts';
import type { PrepareForViewer } from './placeholders.ts';
import { type Complete, isThenable, type Run } from './run.ts';

/** The plan to execute one field of one object type. */
export interface FieldPlan {
  /** Its alias, or its name. */
  readonly responseKey: string;
  readonly fieldName: string;
  /** All nodes of the document that select the field under that key. */
  readonly fieldNodes: readonly FieldNode[];
  readonly parentType: GraphQLObjectType;
  readonly returnType: GraphQLOutputType;
  readonly isNonNull: boolean;
  readonly resolve: GraphQLFieldResolver<unknown, unknown>;
  /** Set if the value depends on the viewer, and shared execution can use a placeholder. */
  readonly forViewer: PrepareForViewer | null;
  readonly argumentsOf: (run: Run) => Record<string, unknown>;
  readonly complete: Complete;
}

type Data = Record<string, unknown>;

/** The fields of one object, in the order of the response. */
export class SelectionPlan {
  readonly fields: readonly FieldPlan[];
  // In an ordinary object `__proto__` is not an own key. Objects without a prototype are slower.
  private readonly hasProtoKey: boolean;
  /** The length of its response keys. */
  readonly characters: number;

  constructor(fields: readonly FieldPlan[]) {
    this.fields = fields;
    this.hasProtoKey = fields.some(({ responseKey }) => responseKey === '__proto__');
    this.characters = fields.reduce((sum, { responseKey }) => sum + responseKey.length, 0);
  }

  createData(): Data {
    return this.hasProtoKey ? Object.create(null) : {};
  }
}

/** Executes the fields of an object concurrently. Returns a promise only if one of them is pending. */
export function executeFields(
  run: Run,
  selection: SelectionPlan,
  source: unknown,
  path: Path | undefined,
): Data | Promise<Data> {
  const data = selection.createData();
  let isPending = false;
  run.size.add(selection.characters);
  try {
    for (const field of selection.fields) {
      const value = executeField(run, field, source, path);
      data[field.responseKey] = value;
      if (value instanceof Promise) isPending = true;
    }
  } catch (error) {
    if (!isPending) throw error;
    // The pending fields may fail as well, and no other code handles that.
    return settle(data).finally(() => {
      throw error;
    });
  }
  return isPending ? settle(data) : data;
}

/** Executes the fields one after another: the root fields of a mutation. */
export function executeFieldsSerially(
  run: Run,
  selection: SelectionPlan,
  source: unknown,
): Data | Promise<Data> {
  let done: Data | Promise<Data> = selection.createData();
  for (const field of selection.fields) {
    const next = (data: Data) => put(data, field.responseKey, executeField(run, field, source, undefined));
    done = done instanceof Promise ? done.then(next) : next(done);
  }
  return done;
}

function put(data: Data, key: string, value: unknown): Data | Promise<Data> {
  if (value instanceof Promise) return value.then((settled) => put(data, key, settled));
  data[key] = value;
  return data;
}

async function settle(data: Data): Promise<Data> {
  const pending = Object.entries(data).filter(([, value]) => value instanceof Promise);
  const values = await Promise.all(pending.map(([, value]) => value));
  for (const [index, [key]] of pending.entries()) data[key] = values[index];
  return data;
}

function executeField(run: Run, field: FieldPlan, source: unknown, parentPath: Path | undefined): unknown {
  const path = { prev: parentPath, key: field.responseKey, typename: field.parentType.name };
  try {
    const info = infoOf(run, field, path);
    if (field.forViewer && run.placeholders) return leaveOpen(run, field, field.forViewer, source, info);
    const value = field.resolve(source, field.argumentsOf(run), run.contextValue, info);
    const completed = isThenable(value)
      ? Promise.resolve(value.then((settled) => field.complete(run, info, path, settled)))
      : field.complete(run, info, path, value);
    if (!(completed instanceof Promise)) return completed;
    return completed.then(undefined, (thrown) => failField(run, field, path, thrown));
  } catch (thrown) {
    return failField(run, field, path, thrown);
  }
}

function failField(run: Run, { isNonNull, fieldNodes }: FieldPlan, path: Path, thrown: unknown): null {
  return run.errors.fail(thrown, isNonNull, fieldNodes, path);
}

/** Puts a placeholder in the place of a value that depends on the viewer. */
function leaveOpen(
  run: Run,
  field: FieldPlan,
  forViewer: PrepareForViewer,
  source: unknown,
  info: GraphQLResolveInfo,
): unknown {
  const { path } = info;
  const open = (show: (viewer: unknown) => unknown) =>
    run.placeholders?.add(show, (value) => field.complete(run, info, path, value));
  const show = forViewer(source, run.contextValue);
  if (!isThenable(show)) return open(show);
  return Promise.resolve(show.then(open)).catch((thrown) => failField(run, field, path, thrown));
}

function infoOf(run: Run, field: FieldPlan, path: Path): GraphQLResolveInfo {
  return {
    fieldName: field.fieldName,
    fieldNodes: field.fieldNodes,
    returnType: field.returnType,
    parentType: field.parentType,
    path,
    schema: run.schema,
    fragments: run.fragments,
    rootValue: run.rootValue,
    operation: run.operation,
    variableValues: run.variableValues,
  };
}
