/** A value of a composite type of PostgreSQL. */
export type Field = string | number | null;

/** A value of a composite type, as PostgreSQL reads it. */
export function compositeOf(fields: readonly Field[]): string {
  return `(${fields.map(fieldOf).join(',')})`;
}

/** An array of composite values. */
export function compositesOf(rows: readonly (readonly Field[])[]): string {
  return `{${rows.map((fields) => quoted(compositeOf(fields))).join(',')}}`;
}

// PostgreSQL reads an empty text between two commas as NULL.
function fieldOf(field: Field): string {
  if (field === null) return '';
  return typeof field === 'number' ? `${field}` : quoted(field);
}

const quoted = (text: string) => `"${text.replace(/["\\]/g, '\\$&')}"`;
