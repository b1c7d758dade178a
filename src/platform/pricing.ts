import type { GraphQLField } from 'graphql';

/** What the price of an operation needs to know of a field. */
export interface Pricing {
  /** Items of a list or page when the client does not say how many. */
  readonly usualSize?: number;
  /** Points of the field itself; 1 unless it costs noticeably more than reading a column. */
  readonly points?: number;
}

/** The extensions of a field with that pricing. */
export function priced(pricing: Pricing): { readonly pricing: Pricing } {
  return { pricing };
}

export function pricingOf(field: GraphQLField<unknown, unknown>): Pricing {
  return (field.extensions['pricing'] as Pricing | undefined) ?? {};
}
