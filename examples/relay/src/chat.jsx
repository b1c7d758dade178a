import { Suspense, useState, useSyncExternalStore } from 'react';
import { graphql, useLazyLoadQuery, useMutation } from 'react-relay';
import { SignIn } from './sign-in.jsx';

const ROOMS = graphql`
  query chatRoomsQuery {
    viewer {
      user {
        id
      }
      rooms(first: 50) {
        nodes {
          id
          name
        }
      }
    }
  }
`;

// The list of messages with the arguments in main.jsx receives new messages. It needs `id` and `seq`.
const MESSAGES = graphql`
  query chatMessagesQuery($id: ID!) {
    room(id: $id) {
      id
      messages(last: 50) {
        nodes {
          id
          seq
          text
          author {
            id
            displayName
          }
        }
      }
    }
  }
`;

const SEND = graphql`
  mutation chatSendMutation($input: SendMessageInput!) {
    sendMessage(input: $input) {
      __typename
      ... on SendMessageSuccess {
        message {
          id
        }
      }
      ... on UserError {
        detail
      }
    }
  }
`;

const useValue = (source) =>
  useSyncExternalStore(
    (listener) => source.subscribe(listener),
    () => source.getSnapshot(),
  );

export function Chat({ parley }) {
  const viewer = useValue(parley.viewer);
  const { status } = useValue(parley.connection);
  if (!viewer) return <SignIn parley={parley} />;
  return (
    <>
      <p role="status" data-status={status}>
        {status}
      </p>
      <Suspense fallback="Loading …">
        <Rooms />
      </Suspense>
    </>
  );
}

function Rooms() {
  const data = useLazyLoadQuery(ROOMS, {});
  const [chosen, setChosen] = useState(null);
  const rooms = data?.viewer?.rooms.nodes ?? [];
  const id = chosen ?? rooms[0]?.id;
  return (
    <>
      <nav>
        {rooms.map((room) => (
          <button type="button" key={room.id} onClick={() => setChosen(room.id)}>
            {room.name}
          </button>
        ))}
      </nav>
      {id && <Room key={id} id={id} />}
    </>
  );
}

function Room({ id }) {
  const data = useLazyLoadQuery(MESSAGES, { id });
  const [send] = useMutation(SEND);
  const submit = (form) => {
    const input = { roomId: id, text: form.get('text'), idempotencyKey: crypto.randomUUID() };
    send({ variables: { input } });
  };
  return (
    <main>
      <ol>
        {data?.room?.messages.nodes.map((message) => (
          <li key={message.id}>
            <b>{message.author.displayName}</b> <span>{message.text}</span>
          </li>
        ))}
      </ol>
      <form action={submit}>
        <input name="text" aria-label="Message" placeholder="Message" />
        <button type="submit">Send</button>
      </form>
    </main>
  );
}
