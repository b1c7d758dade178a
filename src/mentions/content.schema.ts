import { User } from '../accounts/schema.ts';
import { emojiNameIn, findEmoji } from '../emojis/emojis.ts';
import { CustomEmoji } from '../emojis/schema.ts';
import { builder } from '../graphql/builder.ts';
import { enumValues } from '../graphql/enum-values.ts';
import { priced, pricedList } from '../graphql/pricing.ts';
import { MAX_CONTENT_NODES } from '../messages/content.ts';
import { MAX_NESTING } from '../messages/markdown-blocks.ts';
import { styles } from '../messages/markdown-emphasis.ts';
import { MAX_MENTIONS } from '../messages/mention-names.ts';
import { Message } from '../messages/schema.ts';
import { CONTENT_POINTS } from '../messages/text.ts';
import { type MentionGroup as Group, type ShownBlock, type ShownInline, shownContent } from './content.ts';

// -- inlines -----------------------------------------------------------------------------------

const textStyles = {
  BOLD: '`**text**` or `__text__`.',
  ITALIC: '`*text*` or `_text_`.',
  STRIKETHROUGH: '`~~text~~`.',
  SPOILER: '`||text||`: hidden until the user wants to see it.',
} as const satisfies Record<keyof typeof styles, string>;

type StyleName = keyof typeof styles;
const styleNames = Object.keys(styles) as StyleName[];

const TextStyle = builder.enumType('TextStyle', {
  description: 'A style of text. Show text with an unknown style without it.',
  values: enumValues(textStyles),
});

const inlineTypes: Record<ShownInline['kind'], string> = {
  text: 'TextInline',
  code: 'CodeInline',
  emoji: 'EmojiInline',
  'custom-emoji': 'CustomEmojiInline',
  user: 'UserMentionInline',
  group: 'GroupMentionInline',
};

const ContentInline = builder.interfaceRef<ShownInline>('ContentInline').implement({
  description:
    'A part of a paragraph or heading. Show a type that you do not know as its text. Nothing of it is HTML.',
  resolveType: ({ kind }) => inlineTypes[kind],
  fields: (t) => ({
    text: t.exposeString('text', {
      description: 'The text to show. A line break in it is a line break of the message.',
    }),
    styles: t.field({
      type: [TextStyle],
      description: 'The styles of the text, in no particular order.',
      resolve: (inline) => styleNames.filter((name) => inline.styles & styles[name]),
    }),
    url: t.exposeString('url', {
      nullable: true,
      description:
        'The address of the link that it belongs to: http, https or mailto, as a normalised URL. Null without a link. Successive ' +
        'inlines with the same address are one link.',
    }),
  }),
});

const inlineType = (kind: ShownInline['kind']) => builder.objectRef<ShownInline>(inlineTypes[kind]);

inlineType('text').implement({ description: 'Text.', interfaces: [ContentInline] });
inlineType('code').implement({
  description: 'Code in running text, to be shown as it is.',
  interfaces: [ContentInline],
});
inlineType('emoji').implement({
  description: 'One emoji, also if it consists of several characters.',
  interfaces: [ContentInline],
});
inlineType('custom-emoji').implement({
  description: 'A name between colons, such as `:party:`.',
  interfaces: [ContentInline],
  fields: (t) => ({
    name: t.string({
      description: 'The name, without colons.',
      resolve: ({ text }) => emojiNameIn(text) as string,
    }),
    emoji: t.field({
      type: CustomEmoji,
      nullable: true,
      description:
        'The emoji of this server with that name, as of now. Null if there is none: then show the text.',
      resolve: ({ text }, _args, ctx) => findEmoji(ctx, emojiNameIn(text) as string),
    }),
  }),
});
inlineType('user').implement({
  description: 'A name behind @.',
  interfaces: [ContentInline],
  fields: (t) => ({
    username: t.string({
      description: 'The name, as it is written.',
      resolve: ({ text }) => text.slice(1),
    }),
    user: t.field({
      type: User,
      nullable: true,
      description:
        'The mentioned member. Null if nobody of that name was a member when the message was sent or edited, whether or not there ' +
        'is an account of that name. A client shows the text, and may offer to add the user.',
      resolve: ({ user }) => user ?? null,
    }),
  }),
});

const groups = {
  ROOM: '@room: all members.',
  HERE: '@here: at present all members, like @room, because the server does not know who is present.',
  OWNERS: '@owners: the members with the role OWNER.',
  ADMINS: '@admins: the members with the role ADMIN.',
  MODERATORS: '@moderators: the members with the role MODERATOR.',
} as const satisfies Record<Group, string>;

const MentionGroup = builder.enumType('MentionGroup', {
  description: 'Members that a message mentions together.',
  values: enumValues(groups),
});

inlineType('group').implement({
  description:
    'A mention of several members. A group that the message does not mention is a TextInline: @room without the permission, and ' +
    `a role that nobody else has, or more than ${MAX_MENTIONS} members.`,
  interfaces: [ContentInline],
  fields: (t) => ({
    group: t.field({
      type: MentionGroup,
      description: 'Whom it mentions.',
      resolve: ({ group }) => group as Group,
    }),
  }),
});

// -- blocks ------------------------------------------------------------------------------------

const blockTypes: Record<ShownBlock['kind'], string> = {
  paragraph: 'ParagraphBlock',
  heading: 'HeadingBlock',
  code: 'CodeBlock',
  divider: 'DividerBlock',
  quote: 'QuoteBlock',
  list: 'ListBlock',
  item: 'ListItemBlock',
};

const ContentBlock = builder.interfaceRef<ShownBlock>('ContentBlock').implement({
  description:
    'A block of a text. Show the inlines or the text of a type that you do not know as a paragraph.',
  resolveType: ({ kind }) => blockTypes[kind],
  fields: (t) => ({
    depth: t.exposeInt('depth', {
      description:
        'The number of quotes, lists and list items around it. A block of depth n is a child of the last block of depth n - 1 before ' +
        `it. Markers of more than ${MAX_NESTING} nested quotes and items are text.`,
    }),
  }),
});

/** Of a block, when nothing else is known. */
const USUAL_INLINES = 2;

const InlinesBlock = builder.interfaceRef<ShownBlock>('InlinesBlock').implement({
  description: 'A block of running text.',
  interfaces: [ContentBlock],
  fields: (t) => ({
    inlines: t.field({
      type: [ContentInline],
      description: 'Its parts; their texts together are the text of the block.',
      extensions: pricedList({ usualSize: USUAL_INLINES, inEvents: true }),
      resolve: ({ inlines }) => inlines,
    }),
  }),
});

const blockType = (kind: ShownBlock['kind']) => builder.objectRef<ShownBlock>(blockTypes[kind]);

blockType('paragraph').implement({
  description: 'A paragraph.',
  interfaces: [ContentBlock, InlinesBlock],
});
blockType('heading').implement({
  description: 'A heading.',
  interfaces: [ContentBlock, InlinesBlock],
  fields: (t) => ({ level: t.exposeInt('level', { description: '1 to 6; 1 is the largest.' }) }),
});
blockType('code').implement({
  description: 'Lines of code, to be shown as they are.',
  interfaces: [ContentBlock],
  fields: (t) => ({
    text: t.exposeString('text', { description: 'The code.' }),
    language: t.exposeString('language', {
      nullable: true,
      description: 'The language that its author gave. Null without one.',
    }),
  }),
});
blockType('divider').implement({ description: 'A line between blocks.', interfaces: [ContentBlock] });
blockType('quote').implement({
  description: 'A quotation. The blocks in it follow, one deeper.',
  interfaces: [ContentBlock],
});
blockType('list').implement({
  description: 'A list. Its items follow, one deeper.',
  interfaces: [ContentBlock],
  fields: (t) => ({
    start: t.exposeInt('start', {
      nullable: true,
      description: 'The first number of a numbered list. Null for a list with bullets.',
    }),
  }),
});
blockType('item').implement({
  description: 'An item of a list. The blocks in it follow, one deeper.',
  interfaces: [ContentBlock],
});

// -- content -----------------------------------------------------------------------------------

/** Of a message, when nothing else is known. */
const USUAL_BLOCKS = 2;

const TextContent = builder.objectRef<readonly ShownBlock[]>('TextContent').implement({
  description: 'The text of a message as a tree without markup.',
  fields: (t) => ({
    blocks: t.field({
      type: [ContentBlock],
      description:
        `Its blocks in order, a container before its children. At most about ${MAX_CONTENT_NODES} blocks and inlines: behind them, ` +
        'text is one inline without markup.',
      extensions: pricedList({ usualSize: USUAL_BLOCKS, inEvents: true }),
      resolve: (blocks) => blocks,
    }),
  }),
});

builder.objectField(Message, 'content', (t) =>
  t.field({
    type: TextContent,
    nullable: true,
    description: 'The text as a tree of blocks and inlines, parsed from its Markdown. Null once deleted.',
    extensions: priced({ points: CONTENT_POINTS }),
    resolve: (message, _args, ctx) => shownContent(ctx, message),
  }),
);
