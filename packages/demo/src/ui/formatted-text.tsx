import type { MemberInfo, RoomHandle } from '@parley/client';
import type { ComponentChildren, JSX } from 'preact';
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type ContentBlock, type Inline, parseContent } from '../../../../src/messages/content.ts';
import { styles } from '../../../../src/messages/markdown-emphasis.ts';
import { plainText } from '../../../../src/messages/plain-text.ts';
import { client } from '../platform/chat.ts';
import { emojiCodes } from '../platform/emojis.ts';
import { useTexts, useValue } from './hooks.ts';

// The parser of the server, so that a message looks the same before it is sent. Its markup becomes elements, never HTML.

/** The text in one line, without markup and spoilers. Null if the message was deleted. */
export const plain = (text: string | null): string | null => text && plainText(text).replaceAll('\n', ' ');

interface Props {
  readonly text: string;
  readonly authorId: string;
  /** A name of nobody among its members that are known is text. */
  readonly room: RoomHandle;
}

export function FormattedText({ text, authorId, room }: Props): JSX.Element {
  const members = useValue(room.members);
  const codes = useValue(emojiCodes);
  const shown = useMemo(() => elements(text, authorId, members, codes), [text, authorId, members, codes]);
  return <div class="markdown">{shown}</div>;
}

function elements(
  text: string,
  authorId: string,
  members: readonly MemberInfo[],
  codes: ReadonlySet<string>,
): ComponentChildren {
  const known = new Map(members.map((member) => [member.user.username.toLowerCase(), member]));
  const author = members.find(({ user }) => user.id === authorId);
  const show = (inline: Inline) => {
    if (inline.kind === 'mention') return mention(inline.text, known, author);
    const isEmoji = inline.kind === 'custom-emoji' && codes.has(inline.text);
    return isEmoji ? <span class="custom-emoji">{inline.text}</span> : marked(inline);
  };
  return treeOf(parseContent(text).blocks).map((node) => blockElement(node, show));
}

// -- blocks ------------------------------------------------------------------------------------

interface Tree {
  readonly block: ContentBlock;
  readonly children: Tree[];
}

type Show = (inline: Inline) => ComponentChildren;

function treeOf(blocks: readonly ContentBlock[]): Tree[] {
  const levels: Tree[][] = [[]];
  for (const block of blocks) {
    const tree: Tree = { block, children: [] };
    levels.length = block.depth + 1;
    levels.at(-1)?.push(tree);
    levels.push(tree.children);
  }
  return levels[0] ?? [];
}

function blockElement({ block, children }: Tree, show: Show): ComponentChildren {
  const inside = () => children.map((child) => blockElement(child, show));
  switch (block.kind) {
    case 'paragraph':
      return <p dir="auto">{inlines(block.inlines, show)}</p>;
    case 'heading':
      // Not a heading element: messages do not structure the page.
      return (
        <p dir="auto">
          <strong>{inlines(block.inlines, show)}</strong>
        </p>
      );
    case 'code':
      return (
        <pre tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case 'divider':
      return <hr />;
    case 'quote':
      return <blockquote>{inside()}</blockquote>;
    case 'list':
      return block.start === null ? <ul>{inside()}</ul> : <ol start={block.start}>{inside()}</ol>;
    case 'item':
      return <li>{inside()}</li>;
  }
}

// -- inlines -----------------------------------------------------------------------------------

/** Successive inlines with the same property. */
function groups(all: readonly Inline[], of: (inline: Inline) => unknown): Inline[][] {
  const found: Inline[][] = [];
  for (const inline of all) {
    const last = found.at(-1);
    if (last?.[0] && of(last[0]) === of(inline)) last.push(inline);
    else found.push([inline]);
  }
  return found;
}

const isHidden = (inline?: Inline) => Boolean((inline?.styles ?? 0) & styles.SPOILER);

function inlines(all: readonly Inline[], show: Show): ComponentChildren {
  return groups(all, isHidden).map((part) =>
    isHidden(part[0]) ? <Spoiler>{links(part, show)}</Spoiler> : links(part, show),
  );
}

function links(all: readonly Inline[], show: Show): ComponentChildren {
  return groups(all, ({ url }) => url).map((part) => {
    const url = part[0]?.url;
    if (!url) return part.map(show);
    return (
      <a href={url} title={url} target="_blank" rel="noopener noreferrer nofollow">
        {part.map(show)}
      </a>
    );
  });
}

function marked({ kind, text, styles: bits }: Inline): ComponentChildren {
  let shown: ComponentChildren = kind === 'code' ? <code>{text}</code> : text;
  if (bits & styles.STRIKETHROUGH) shown = <del>{shown}</del>;
  if (bits & styles.ITALIC) shown = <em>{shown}</em>;
  return bits & styles.BOLD ? <strong>{shown}</strong> : shown;
}

/** Hidden text: it is not in the page until it is wanted. */
function Spoiler({ children }: { children: ComponentChildren }): JSX.Element {
  const t = useTexts();
  const [isShown, show] = useState(false);
  const shown = useRef<HTMLSpanElement>(null);
  // The button that had the focus is gone.
  useLayoutEffect(() => shown.current?.focus(), [isShown]);
  if (!isShown)
    return (
      <button type="button" class="spoiler" onClick={() => show(true)}>
        {t.spoiler}
      </button>
    );
  return (
    <span ref={shown} class="spoiler" tabIndex={-1}>
      {children}
    </span>
  );
}

// -- mentions ----------------------------------------------------------------------------------

const EVERYBODY = /^@(?:room|here)$/i;
const ROLES = /^@(?:owners|admins|moderators)$/i;
/** Roles that may mention all members. */
const CALLERS: readonly string[] = ['OWNER', 'ADMIN', 'MODERATOR'];

function mention(
  text: string,
  known: ReadonlyMap<string, MemberInfo>,
  author: MemberInfo | undefined,
): ComponentChildren {
  const user = known.get(text.slice(1).toLowerCase())?.user;
  const isGroup = ROLES.test(text) || (EVERYBODY.test(text) && CALLERS.includes(author?.role ?? ''));
  if (!user && !isGroup) return text;
  return (
    <span
      class={user && user.id === client.viewer.getSnapshot()?.id ? 'mention own' : 'mention'}
      title={user?.displayName}
    >
      {text}
    </span>
  );
}
