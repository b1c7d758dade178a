/** What GraphiQL opens with: from nobody to a conversation, from left to right. */
export const examples = [
  {
    query: `# 1. Make an account. Then put the access token into the headers of the other tabs (below the editor):
#    { "authorization": "Bearer <accessToken>" }

mutation Register {
  register(input: { username: "ada", email: "ada@example.com", password: "correct horse battery staple" }) {
    __typename
    ... on RegisterSuccess {
      tokens { accessToken accessTokenExpiresAt refreshToken }
      viewer { user { id username } }
    }
    ... on UserError { code detail path }
  }
}
`,
  },
  {
    query: `# 2. Create a room. Needs the access token. The same key gives back the same room.

mutation CreateRoom {
  createRoom(input: { name: "engine room", kind: PUBLIC, idempotencyKey: "my-first-room" }) {
    __typename
    ... on CreateRoomSuccess { room { id name memberCount } roomSeq }
    ... on UserError { code detail path }
  }
}
`,
  },
  {
    query: `# 3. Watch everything that happens in your rooms, over a WebSocket. Leave it running and go to the next tab.

subscription Watch {
  inbox {
    __typename
    ... on MessageCreated { cursor roomSeq room { id name } message { id author { displayName } text sentAt } }
    ... on RoomEvent { cursor roomSeq }
    ... on StreamReady { cursor replayedCount }
    ... on StreamClosed { closeReason retryable }
  }
}
`,
  },
  {
    query: `# 4. Send a message. Put the room's id and a new key into the variables below.

mutation Send($roomId: ID!, $text: String!, $key: ID!) {
  sendMessage(input: { roomId: $roomId, text: $text, idempotencyKey: $key }) {
    __typename
    ... on SendMessageSuccess { message { id seq text sentAt } roomSeq replayed }
    ... on UserError { code detail path }
  }
}
`,
    variables: JSON.stringify({ roomId: '', text: 'Hello, world', key: 'hello-1' }, null, 2),
  },
  {
    query: `# 5. Read: your rooms, their newest messages, and the cursor from which to watch on.

query Rooms {
  viewer {
    inboxCursor
    rooms(first: 20) {
      nodes { id name lastMessageSeq messages(last: 5) { nodes { seq author { displayName } text } } }
    }
  }
}
`,
  },
];
