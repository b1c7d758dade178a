import type { ComponentChildren, JSX } from 'preact';
import { type Block, parseBlocks } from '../markdown/blocks.ts';
import type { Inline } from '../markdown/inline.ts';

/** The text of a message. Its markup becomes elements, never HTML text. */
export function Markdown({ text }: { text: string }): JSX.Element {
  return <div class="markdown">{parseBlocks(text).map(blockElement)}</div>;
}

function blockElement(block: Block): ComponentChildren {
  switch (block.kind) {
    case 'paragraph':
      return <p>{block.parts.map(inlineElement)}</p>;
    case 'heading':
      // Not a heading element: messages do not structure the page.
      return (
        <p>
          <strong>{block.parts.map(inlineElement)}</strong>
        </p>
      );
    case 'code':
      return (
        <pre tabIndex={0}>
          <code>{block.text}</code>
        </pre>
      );
    case 'quote':
      return <blockquote>{block.blocks.map(blockElement)}</blockquote>;
    case 'list':
      return listElement(block.start, block.items);
  }
}

function listElement(start: number | null, items: readonly (readonly Inline[])[]): JSX.Element {
  const children = items.map((item) => <li>{item.map(inlineElement)}</li>);
  return start === null ? <ul>{children}</ul> : <ol start={start}>{children}</ol>;
}

function inlineElement(part: Inline): ComponentChildren {
  if (typeof part === 'string') return part;
  switch (part.kind) {
    case 'break':
      return <br />;
    case 'code':
      return <code>{part.text}</code>;
    case 'link':
      return (
        <a href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.parts.map(inlineElement)}
        </a>
      );
    default: {
      const Tag = part.kind;
      return <Tag>{part.parts.map(inlineElement)}</Tag>;
    }
  }
}
