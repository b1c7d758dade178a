/** The initial tabs of GraphiQL: from an account to a conversation. Comments fit into an editor of 50 columns. */
export const examples = [
  {
    query: `# 1. Create an account. This page remembers the
#    access token of the last sign-in and sends it
#    with every request, unless the Headers (below)
#    set another authorization.

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
    query: `# 2. Create a room. Running this again with the same
#    key returns the same room.

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
    query: `# 3. Watch all your rooms over a WebSocket. Leave
#    it running: another tab would stop it. Open a
#    second window of this page and run Login there,
#    then Send. inbox(after: "<cursor>") resumes
#    where you stopped and misses nothing.

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
    query: `# 4. Send a message. room_1 in the Variables is the
#    first room of a new server: replace it if
#    CreateRoom returned another id. Each new
#    message needs a new key.

mutation Send($roomId: ID!, $text: String!, $key: ID!) {
  sendMessage(input: { roomId: $roomId, text: $text, idempotencyKey: $key }) {
    __typename
    ... on SendMessageSuccess { message { id seq text sentAt } replayed }
    ... on UserError { code detail path }
  }
}
`,
    variables: JSON.stringify({ roomId: 'room_1', text: 'Hello, world', key: 'hello-1' }, null, 2),
  },
  {
    query: `# 5. Read your rooms and their newest messages.
#    inboxCursor is the position behind them: watch
#    on from there with inbox(after: "<cursor>").

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
    query: `# 6. Sign in, in a new window or after a while.

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
