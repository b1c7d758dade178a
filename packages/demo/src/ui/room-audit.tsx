import type { RoomInfo } from '@parley/client';
import { type AuditEntry, auditPage } from '@parley/client/moderation';
import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { client } from '../platform/chat.ts';
import type { Texts } from '../texts/en.ts';
import { type Language, language } from '../texts/texts.ts';
import { useTexts, useValue } from './hooks.ts';
import { nameOf } from './people.tsx';
import { attempt } from './problems.tsx';
import { momentOf } from './times.ts';

/** What those who manage the room did, for members who may see it. */
export function RoomAudit({ room }: { room: RoomInfo }): JSX.Element | null {
  const t = useTexts();
  const [list, setList] = useState<readonly AuditEntry[] | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const maySee = room.viewerPermissions.includes('VIEW_AUDIT_LOG') && room.kind !== 'DIRECT';
  const load = async (before: readonly AuditEntry[], after?: string) => {
    const page = await auditPage(client, room.id, after === undefined ? {} : { after });
    setList([...before, ...(page?.entries ?? [])]);
    setNext(page?.next ?? null);
  };
  useEffect(() => {
    if (maySee) attempt(() => load([]));
  }, [room.id, maySee]);
  if (!maySee || !list) return null;
  return (
    <section class="invites" aria-label={t.audit}>
      <h3>{t.audit}</h3>
      {list.length === 0 && <p class="hint">{t.noAudit}</p>}
      <ol class="invite-list" reversed>
        {list.map((entry) => (
          <li key={entry.auditSeq}>
            <Entry entry={entry} />
          </li>
        ))}
      </ol>
      {next !== null && (
        <button type="button" onClick={() => attempt(() => load(list, next))}>
          {t.more}
        </button>
      )}
    </section>
  );
}

function Entry({ entry }: { entry: AuditEntry }): JSX.Element {
  const t = useTexts();
  const code = useValue(language);
  const { actor, action, target, targetRole, changes, reason, occurredAt } = entry;
  const whom = target ? nameOf(target, t) : targetRole && (t.roleNames[targetRole] ?? targetRole);
  const what = changes.map((change) => changeText(change, t, code));
  return (
    <span>
      {[nameOf(actor, t), t.auditActions[action] ?? action, whom].filter(Boolean).join(' ')}
      <small>
        <time dateTime={occurredAt}>{momentOf(code, occurredAt)}</time>
        {[...what, reason].filter(Boolean).map((text) => ` · ${text}`)}
      </small>
    </span>
  );
}

type Change = AuditEntry['changes'][number];

function changeText({ field, before, after }: Change, t: Texts, code: Language): string {
  const [from, to] = [before, after].map((value) =>
    value === null ? '–' : valueText(field, value, t, code),
  );
  return `${t.auditFields[field] ?? t.permissionNames[field] ?? field}: ${from} → ${to}`;
}

function valueText(field: string, value: string, t: Texts, code: Language): string {
  if (field === 'until' || field === 'expiresAt') return momentOf(code, value);
  if (field.endsWith('Seconds')) return t.lifetimeOf(Number(value));
  const names: Record<string, string> = {
    ...t.effects,
    ...t.roleNames,
    ...t.postingPolicies,
    ...t.joinPolicies,
  };
  return field === 'name' || field === 'description' ? value : (names[value] ?? value);
}
