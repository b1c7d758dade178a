/** The names and topics of generated people. `{thing}` and `{time}` are filled in. */
export const people: readonly (readonly [username: string, displayName: string])[] = [
  ['alma', 'Alma Okafor'],
  ['ben', 'Ben Lindqvist'],
  ['chiara', 'Chiara Rossi'],
  ['dmitri', 'Dmitri Volkov'],
  ['elif', 'Elif Yılmaz'],
  ['femi', 'Femi Adeyemi'],
  ['gita', 'Gita Kim'],
  ['hugo', 'Hugo Martins'],
  ['ines', 'Inês Carvalho'],
  ['jonas', 'Jonas Weber'],
  ['kaori', 'Kaori Tanaka'],
  ['liam', 'Liam O’Brien'],
  ['mei', 'Mei Chen'],
  ['noor', 'Noor Haddad'],
  ['oskar', 'Oskar Nowak'],
  ['priya', 'Priya Raman'],
  ['quentin', 'Quentin Dubois'],
  ['rosa', 'Rosa Delgado'],
  ['sven', 'Sven Andersen'],
  ['tara', 'Tara Singh'],
];

export interface Topic {
  readonly name: string;
  readonly description: string;
  /** Approximate number of messages on a working day. */
  readonly pace: number;
  readonly things: readonly string[];
  readonly openers: readonly string[];
}

export const topics: readonly Topic[] = [
  {
    name: 'General',
    description: 'Everything that concerns all of us',
    pace: 22,
    things: [
      'the summer party',
      'the office plants',
      'the new coffee machine',
      'the town hall',
      'the survey',
    ],
    openers: [
      'Good morning, everybody!',
      'Does anybody know who looks after {thing}?',
      '**Reminder:** {thing} is {time}.',
      'I moved {thing} to {time}. Shout if that does not work for you.',
      'Who wants to help with {thing}?',
    ],
  },
  {
    name: 'Engineering',
    description: 'Builds, reviews and things that broke',
    pace: 34,
    things: [
      'the login page',
      'the build',
      'the search index',
      'the mobile release',
      'the migration',
      'the cache',
    ],
    openers: [
      '{thing} is red again. Looking into it.',
      'Could somebody review my change to {thing}? It is small.',
      'I would like to merge {thing} {time}. Any objections?',
      'Found it: {thing} ignored the timeout. Fix is up.',
      'Does `npm test` pass for you on **main**? Mine stops at {thing}.',
      'Numbers for {thing}: 40 ms before, 11 ms after.',
    ],
  },
  {
    name: 'Design',
    description: 'Drafts, colours and strong opinions',
    pace: 14,
    things: ['the empty state', 'the icon set', 'the dark theme', 'the onboarding', 'the settings page'],
    openers: [
      'New draft of {thing} is in the shared folder.',
      'I am not happy with {thing} yet. Too much text?',
      'Users in the last test overlooked {thing}.',
      'Left to do for {thing}:\n1. check the *contrast*\n2. ask Support\n3. ship it {time}',
      'Can we talk about {thing} {time}?',
    ],
  },
  {
    name: 'Support',
    description: 'What customers ask',
    pace: 18,
    things: [
      'the invoice export',
      'two-factor sign-in',
      'a slow dashboard',
      'the address field',
      'an import of 3,000 rows',
    ],
    openers: [
      'A customer asks about {thing}. Who knows it best?',
      'Third ticket about {thing} this week.',
      'Answered the question about {thing}, but somebody should check my answer.',
      'Is {thing} a known problem?',
    ],
  },
  {
    name: 'Kitchen',
    description: 'Food, recipes and who finished the milk',
    pace: 12,
    things: ['lentil soup', 'the last piece of cake', 'oat milk', 'the dishwasher', 'sourdough'],
    openers: [
      'There is {thing} in the kitchen. Help yourselves.',
      'Who finished {thing}? ||It was me.||',
      'Lunch {time}? I am thinking of {thing}.',
      'I can recommend {thing} from the place across the street.',
    ],
  },
  {
    name: 'Weekend plans',
    description: 'Hikes, concerts and board games',
    pace: 9,
    things: ['a hike', 'the climbing gym', 'board games', 'the flea market', 'an open-air film'],
    openers: [
      'Anybody up for {thing} on Saturday?',
      'How was {thing}?',
      'We still have a place for {thing}.',
    ],
  },
];

export const times = [
  'tomorrow at ten',
  'on Thursday',
  'after lunch',
  'next week',
  'at half past three',
  'on Monday',
];

export const replies = [
  'Yes, that works for me.',
  'Good idea!',
  'Not sure. Can we decide that tomorrow?',
  'I can take that.',
  'Thank you, that was fast.',
  'Same here.',
  'Let me check and come back to you.',
  'Done.',
  'I would rather wait until Monday.',
  'Who else is in?',
  'That explains a lot.',
  'Ha, I was about to ask the same thing.',
  'Looks good to me.',
  'Could you send me the link?',
  'Agreed. Let us keep it simple.',
  'No objections from my side.',
  'I tried it: works.',
  'Hm, for me it is still the old version.',
  'Count me in.',
  'Sorry, I am in a meeting until four.',
  '+1',
  'Nice!',
];

export const emoji = ['👍', '🎉', '❤️', '😂', '👀', '🙏'];
