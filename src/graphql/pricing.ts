import {
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
} from 'graphql';

/** Points of a connection field itself: a page needs a query, bounds and cursors, even with few items. */
export const CONNECTION_POINTS = 10;

/** The properties of a field that the price of an operation depends on. */
export interface Pricing {
  /** For a list or connection. */
  readonly list?: ListPricing;
  /** Points of the field itself, if they differ from the default of its kind. */
  readonly points?: number;
  /** A subscription cannot select it. Lists say so in their own declaration. */
  readonly outsideEvents?: true;
}

/** The declaration of a field that returns several objects. */
export interface ListPricing {
  /** Number of items if the client gives none. */
  readonly usualSize: number;
  /** Whether a subscription may select it. An event must read no more than its kind has loaded. */
  readonly inEvents: boolean;
}

/** The extensions of a field with that pricing. */
export function priced(pricing: Pricing): { readonly pricing: Pricing } {
  return { pricing };
}

/** The extensions of a list or connection. */
export function pricedList(list: ListPricing): { readonly pricing: Pricing } {
  return priced({ list });
}

export function pricingOf(field: GraphQLField<unknown, unknown>): Pricing {
  return (field.extensions['pricing'] as Pricing | undefined) ?? {};
}

/** Whether the field returns a list of objects. */
export function isObjectList(field: GraphQLField<unknown, unknown>): boolean {
  return isListType(getNullableType(field.type)) && !isLeafType(getNamedType(field.type));
}

export function isConnection(field: GraphQLField<unknown, unknown>): boolean {
  return getNamedType(field.type).name.endsWith('Connection');
}

/**
 * Whether the field returns several objects. The lists of a connection do not count, because the connection counts its
 * page.
 */
export function isList(field: GraphQLField<unknown, unknown>, owner: GraphQLNamedType): boolean {
  return isConnection(field) || (isObjectList(field) && !owner.name.endsWith('Connection'));
}

/** Points of the field itself, without its selection. */
export function pointsOf(field: GraphQLField<unknown, unknown>): number {
  return pricingOf(field).points ?? (isConnection(field) ? CONNECTION_POINTS : 1);
}
