// The floor of an operation over HTTP: it reads JSON and answers with JSON.
import { listen, serve, serverInfo } from './serve.mjs';

const server = await listen((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    JSON.parse(Buffer.concat(chunks).toString());
    const body = JSON.stringify({ data: { serverInfo: serverInfo() } });
    response.writeHead(200, {
      'content-type': 'application/graphql-response+json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
    });
    response.end(body);
  });
});
serve(server.address().port, {});
