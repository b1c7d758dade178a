import { z } from 'zod';

const person = z.object({ username: z.string(), displayName: z.string().optional() });

export function peopleIn(lines: string): { username: string; displayName: string }[] {
  return lines.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const { success, data } = person.safeParse(parsedJson(line));
    if (!success) throw new Error(`line ${index + 1} is not {"username": "...", "displayName": "..."}`);
    return [{ username: data.username, displayName: data.displayName ?? data.username }];
  });
}

const user = z.strictObject({
  externalId: z.string(),
  username: z.string(),
  displayName: z.string().nullish(),
  email: z.string().nullish(),
  isEmailVerified: z.boolean().nullish(),
  isSuspended: z.boolean().nullish(),
});

export function usersIn(lines: string): z.output<typeof user>[] {
  return lines.split('\n').flatMap((line, index) => {
    if (line.trim() === '') return [];
    const { success, data } = user.safeParse(parsedJson(line));
    if (!success) throw new Error(`line ${index + 1} is not {"externalId": "...", "username": "...", ...}`);
    return [data];
  });
}

function parsedJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
