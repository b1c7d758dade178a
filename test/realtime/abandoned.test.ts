import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import WebSocket from 'ws';
import type { TestNode } from '../harness/node.ts';
import { type Person, signUp } from '../harness/people.ts';
import { setStage } from '../harness/stage.ts';

// A node is suspended, a client aborts and repeats its request at another node, and the first node finds the request
// when it continues.

let node: TestNode;
let ada: Person;
setStage((stage) => {
  ({ node, ada } = stage);
}, 'kill');

const LEAVE = 'mutation ($input: LeaveRoomInput!) { leaveRoom(input: $input) { __typename } }';
const STILL_MS = 3_000;

async function isMember(roomId: string): Promise<boolean> {
  const { data } = await ada.ask('query ($id: ID!) { room(id: $id) { viewerMembership { role } } }', {
    id: roomId,
  });
  return data.room.viewerMembership !== null;
}

async function joined(): Promise<string> {
  const bob = await signUp(node, 'bob');
  const roomId = await bob.createRoom('left twice');
  await ada.join(roomId);
  return roomId;
}

/** Suspends the node until a waiting client would have given up; this test is about time. */
async function standStill(meanwhile: () => Promise<unknown>): Promise<void> {
  node.signal('SIGSTOP');
  await meanwhile();
  await new Promise((resolve) => setTimeout(resolve, STILL_MS));
  node.signal('SIGCONT');
  // Twice: then the waiting request is done.
  for (let i = 0; i < 2; i++) expect((await ada.ask('{ serverInfo { version } }')).errors).toEqual([]);
}

test('over HTTP it is not done any more', async () => {
  const roomId = await joined();
  const { port, host } = new URL(node.url);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  const body = JSON.stringify({ query: LEAVE, variables: { input: { roomId } } });
  await standStill(async () => {
    socket.write(
      `POST /graphql HTTP/1.1\r\nhost: ${host}\r\ncontent-type: application/json\r\nauthorization: Bearer ${ada.token}\r\n` +
        `content-length: ${body.length}\r\n\r\n${body}`,
    );
    socket.end();
  });
  expect(await isMember(roomId)).toBe(true);
});

test('over a WebSocket neither', async () => {
  const roomId = await joined();
  const ws = new WebSocket(node.wsUrl, 'graphql-transport-ws');
  await once(ws, 'open');
  ws.send(JSON.stringify({ type: 'connection_init', payload: { authorization: `Bearer ${ada.token}` } }));
  await once(ws, 'message');
  await standStill(async () => {
    const payload = { query: LEAVE, variables: { input: { roomId } } };
    ws.send(JSON.stringify({ type: 'subscribe', id: '1', payload }));
    ws.close();
  });
  expect(await isMember(roomId)).toBe(true);
});

test('whoever still waits gets an answer', async () => {
  const roomId = await joined();
  let left: Promise<{ errors: unknown[] }> | undefined;
  await standStill(async () => {
    left = ada.ask(LEAVE, { input: { roomId } });
  });
  expect((await left)?.errors).toEqual([]);
  expect(await isMember(roomId)).toBe(false);
});
