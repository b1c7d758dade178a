/** What GraphiQL opens with: from nobody to a conversation, from left to right. */
export const examples = [
  {
    query: `# 1. Make an account. This page remembers the access token
#    of the last sign-in and sends it along, unless the headers
#    (below) have an authorization of their own.

mutation Register {
  register(
    input: {
      username: "ada"
      email: "ada@example.com"
      password: "correct horse battery staple"
    }
  ) {
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
    query: `# 2. Create a room. With the same key it is the same room,
#    however often you run this.

mutation CreateRoom {
  createRoom(
    input: { name: "engine room", kind: PUBLIC, idempotencyKey: "first" }
  ) {
    __typename
    ... on CreateRoomSuccess { room { id name memberCount } roomSeq }
    ... on UserError { code detail path }
  }
}
`,
  },
  {
    query: `# 3. Watch all your rooms, over a WebSocket. Leave it running
#    and send something from a second window of this page (sign
#    in there, too; here, going to another tab stops it). inbox(after: "<cursor>")
#    goes on where you stopped, and misses nothing.

subscription Watch {
  inbox {
    __typename
    ... on RoomEvent { cursor roomSeq room { id name } }
    ... on MessageCreated { message { id text author { username } } }
    ... on StreamReady { cursor replayedCount }
    ... on StreamClosed { closeReason retryable }
  }
}
`,
  },
  {
    query: `# 4. Send a message. Put the id of the room (second tab) into
#    the variables. A new message needs a new key.

mutation Send($roomId: ID!, $text: String!, $key: ID!) {
  sendMessage(input: { roomId: $roomId, text: $text, idempotencyKey: $key }) {
    __typename
    ... on SendMessageSuccess { message { id seq text sentAt } replayed }
    ... on UserError { code detail path }
  }
}
`,
    variables: JSON.stringify({ roomId: '', text: 'Hello, world', key: 'hello-1' }, null, 2),
  },
  {
    query: `# 5. Read your rooms and their newest messages, and the cursor
#    to watch on from: inbox(after: "...").

query Rooms {
  viewer {
    inboxCursor
    rooms(first: 20) {
      nodes {
        id
        name
        messages(last: 5) { nodes { seq text author { username } } }
      }
    }
  }
}
`,
  },
  {
    query: `# 6. Come back later.

mutation Login {
  login(
    input: { usernameOrEmail: "ada", password: "correct horse battery staple" }
  ) {
    __typename
    ... on LoginSuccess {
      tokens { accessToken accessTokenExpiresAt refreshToken }
    }
    ... on UserError { code detail path }
  }
}
`,
  },
];
