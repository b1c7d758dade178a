/** The values of an enum type, by what each of them means. */
export function enumValues<Name extends string>(descriptions: Readonly<Record<Name, string>>) {
  return Object.fromEntries(
    Object.entries(descriptions).map(([value, description]) => [value, { value, description }]),
  ) as Record<Name, { value: Name; description: string }>;
}
