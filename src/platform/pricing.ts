import { type GraphQLField, getNamedType } from 'graphql';

/** Points of a connection field itself: a page takes a query, bounds and cursors, however few its items are. */
export const CONNECTION_POINTS = 10;

/** What the price of an operation needs to know of a field. */
export interface Pricing {
  /** Items of a list or page when the client does not say how many. */
  readonly usualSize?: number;
  /** Points of the field itself, where they are not those of its kind. */
  readonly points?: number;
}

/** The extensions of a field with that pricing. */
export function priced(pricing: Pricing): { readonly pricing: Pricing } {
  return { pricing };
}

export function pricingOf(field: GraphQLField<unknown, unknown>): Pricing {
  return (field.extensions['pricing'] as Pricing | undefined) ?? {};
}

export function isConnection(field: GraphQLField<unknown, unknown>): boolean {
  return getNamedType(field.type).name.endsWith('Connection');
}

/** Points of the field itself, without what is selected below it. */
export function pointsOf(field: GraphQLField<unknown, unknown>): number {
  return pricingOf(field).points ?? (isConnection(field) ? CONNECTION_POINTS : 1);
}
