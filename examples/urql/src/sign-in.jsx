import { useState } from 'react';

export function SignIn({ parley }) {
  const [problem, setProblem] = useState('');
  const signIn = (form) =>
    parley.login(form.get('username'), form.get('password')).catch(({ message }) => setProblem(message));
  return (
    <form action={signIn}>
      <input name="username" placeholder="Username" aria-label="Username" />
      <input name="password" type="password" placeholder="Password" aria-label="Password" />
      <button type="submit">Sign in</button>
      <p role="alert">{problem}</p>
    </form>
  );
}
