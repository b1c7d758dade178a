import {
  useConnection,
  useLiveRoom,
  useMessages,
  useParley,
  useRooms,
  useSend,
  useTyping,
  useViewer,
} from '@parley/react';
import { useState } from 'react';

export function Chat() {
  const viewer = useViewer();
  return viewer ? <Rooms /> : <SignIn />;
}

function SignIn() {
  const client = useParley();
  const [problem, setProblem] = useState('');
  const signIn = (form) =>
    client.login(form.get('username'), form.get('password')).catch(({ message }) => setProblem(message));
  return (
    <form action={signIn}>
      <input name="username" placeholder="Username" aria-label="Username" />
      <input name="password" type="password" placeholder="Password" aria-label="Password" />
      <button type="submit">Sign in</button>
      <p role="alert">{problem}</p>
    </form>
  );
}

function Rooms() {
  const rooms = useRooms();
  const [chosen, setChosen] = useState(null);
  const roomId = chosen ?? rooms[0]?.id;
  return (
    <>
      <Connection />
      <nav>
        {rooms.map(({ id, title }) => (
          <button type="button" key={id} onClick={() => setChosen(id)}>
            {title}
          </button>
        ))}
      </nav>
      {roomId && <Room key={roomId} id={roomId} />}
    </>
  );
}

function Connection() {
  const connection = useConnection();
  const progress =
    connection.status === 'catching-up' ? ` ${connection.done} of ${connection.total ?? '?'}` : '';
  return (
    <p role="status" data-status={connection.status}>
      {connection.status + progress}
    </p>
  );
}

function Room({ id }) {
  const messages = useMessages(id);
  const typing = useTyping(id);
  return (
    <main>
      <ol>
        {messages.map(({ key, author, text, status }) => (
          <li key={key} data-status={status}>
            <b>{author.displayName}</b> <span>{text}</span>
          </li>
        ))}
      </ol>
      <p>{typing.length > 0 && `${typing.map(({ displayName }) => displayName).join(', ')} typing …`}</p>
      <Composer roomId={id} />
    </main>
  );
}

function Composer({ roomId }) {
  const live = useLiveRoom(roomId);
  const send = useSend(roomId);
  const [text, setText] = useState('');
  const submit = (event) => {
    event.preventDefault();
    if (text.trim()) void send(text);
    setText('');
  };
  const write = ({ target }) => {
    setText(target.value);
    live.setTyping(target.value !== '');
  };
  return (
    <form onSubmit={submit}>
      <input aria-label="Message" placeholder="Message" value={text} onChange={write} />
      <button type="submit">Send</button>
    </form>
  );
}
