/** Returns the values of an enum type, from their descriptions. */
export function enumValues<Name extends string>(descriptions: Readonly<Record<Name, string>>) {
  return Object.fromEntries(
    Object.entries(descriptions).map(([value, description]) => [value, { value, description }]),
  ) as Record<Name, { value: Name; description: string }>;
}
