// Clients that nobody here wrote, against one server: `node run.mjs URL TOKEN` prints one JSON object.
import { Client, fetchExchange } from '@urql/core';
import { serverAudits } from 'graphql-http';
import { createClient as createSse } from 'graphql-sse';
import { createClient as createWs } from 'graphql-ws';
import WebSocket from 'ws';

const [url, token] = process.argv.slice(2);
const headers = { authorization: `Bearer ${token}` };
const signedIn = (input, init = {}) => fetch(input, { ...init, headers: { ...init.headers, ...headers } });
const COUNT = 'subscription { counting(to: 3) }';

async function audits() {
  const found = [];
  for (const audit of serverAudits({ url, fetchFn: signedIn })) {
    const result = await audit.fn();
    if (result.status !== 'ok') found.push(`${result.status} ${audit.id} ${audit.name}: ${result.reason}`);
    else found.push('ok');
  }
  return found;
}

function collected(subscribe) {
  return new Promise((resolve, reject) => {
    const data = [];
    subscribe({ next: (one) => data.push(one), error: reject, complete: () => resolve(data) });
  });
}

async function overWebSocket() {
  const client = createWs({
    url: url.replace('http', 'ws'), webSocketImpl: WebSocket, retryAttempts: 0,
    connectionParams: { authorization: headers.authorization },
  });
  const counted = await collected((sink) => client.subscribe({ query: COUNT }, sink));
  const asked = await collected((sink) => client.subscribe({ query: '{ viewer { name } }' }, sink));
  const wrong = await collected((sink) => client.subscribe({ query: '{' }, sink)).catch((errors) => errors);
  const after = await collected((sink) => client.subscribe({ query: COUNT }, sink));
  await client.dispose();
  return { counted, asked, wrong, after };
}

async function overEvents() {
  const client = createSse({ url, headers, retryAttempts: 0 });
  const counted = await collected((sink) => client.subscribe({ query: COUNT }, sink));
  client.dispose();
  return { counted };
}

async function throughUrql() {
  const client = new Client({
    url, exchanges: [fetchExchange], fetchSubscriptions: true, preferGetMethod: false, fetchOptions: { headers },
  });
  const asked = await client.query('{ viewer { name } }', {}).toPromise();
  const counted = await new Promise((resolve) => {
    const data = [];
    client.subscription(COUNT, {}).subscribe((result) => {
      if (result.data) data.push(result.data.counting);
      if (!result.hasNext || data.length === 3) resolve(data);
    });
  });
  return { asked: asked.data, error: asked.error?.message ?? null, counted };
}

console.log(JSON.stringify({
  audits: await audits(), ws: await overWebSocket(), sse: await overEvents(), urql: await throughUrql(),
}));
process.exit(0);
