import {
  type GraphQLField,
  type GraphQLNamedType,
  getNamedType,
  getNullableType,
  isLeafType,
  isListType,
} from 'graphql';

/** Points of a connection field itself: a page takes a query, bounds and cursors, however few its items are. */
export const CONNECTION_POINTS = 10;

/** What the price of an operation needs to know of a field. */
export interface Pricing {
  /** Of a list or connection. */
  readonly list?: ListPricing;
  /** Points of the field itself, where they are not those of its kind. */
  readonly points?: number;
}

/** What a field that answers several objects declares. */
export interface ListPricing {
  /** Items when the client does not say how many. */
  readonly usualSize: number;
  /** Whether a subscription may select it: an event must read no more than its kind has loaded. */
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

/** Whether the field answers a list of things with fields of their own. */
export function isObjectList(field: GraphQLField<unknown, unknown>): boolean {
  return isListType(getNullableType(field.type)) && !isLeafType(getNamedType(field.type));
}

export function isConnection(field: GraphQLField<unknown, unknown>): boolean {
  return getNamedType(field.type).name.endsWith('Connection');
}

/** Whether it answers several objects; the lists of a connection are its page, which the connection has counted. */
export function isList(field: GraphQLField<unknown, unknown>, owner: GraphQLNamedType): boolean {
  return isConnection(field) || (isObjectList(field) && !owner.name.endsWith('Connection'));
}

/** Points of the field itself, without what is selected below it. */
export function pointsOf(field: GraphQLField<unknown, unknown>): number {
  return pricingOf(field).points ?? (isConnection(field) ? CONNECTION_POINTS : 1);
}
