/** Whether a password, in lower case, is one of the most common ones. The list is loaded at the first call. */
export async function isCommonPassword(folded: string): Promise<boolean> {
  const { commonPasswords } = await import('../generated/common-passwords.ts');
  return !folded.includes('\n') && commonPasswords.includes(`\n${folded}\n`);
}
