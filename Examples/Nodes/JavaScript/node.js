#!/usr/bin/env node
// A node for the workloads echo and broadcast, on Node.js: one thread, a timer for the gossip.
//
// A value is sent to each peer again and again until the peer acknowledges it.
'use strict';

const readline = require('node:readline');

let nodeId;
const values = new Set();
const acknowledged = new Map(); // For each peer, the values that it is known to have.

function send(dest, body) {
  process.stdout.write(JSON.stringify({ src: nodeId, dest, body }) + '\n');
}

function gossip() {
  for (const [peer, known] of acknowledged) {
    const messages = [...values].filter((value) => !known.has(value));
    if (messages.length > 0) send(peer, { type: 'gossip', messages });
  }
  setTimeout(gossip, 200 + 100 * Math.random());
}

// Each returns what the reply has beside its type.
const handlers = {
  init(source, body) {
    nodeId = body.node_id;
    for (const peer of body.node_ids) {
      if (peer !== nodeId) acknowledged.set(peer, new Set());
    }
    setTimeout(gossip, 200 + 100 * Math.random());
  },
  echo: (source, body) => ({ echo: body.echo }),
  topology: () => ({}),
  broadcast(source, body) {
    values.add(body.message);
  },
  read: () => ({ messages: [...values] }),
  gossip(source, body) {
    for (const value of body.messages) {
      values.add(value);
      acknowledged.get(source).add(value);
    }
    send(source, { type: 'gossip_ok', messages: body.messages });
  },
  gossip_ok(source, body) {
    for (const value of body.messages) acknowledged.get(source).add(value);
  },
};

const input = readline.createInterface({ input: process.stdin });
input.on('line', (line) => {
  const { src, body } = JSON.parse(line);
  const reply = handlers[body.type](src, body);
  if ('msg_id' in body) send(src, { type: body.type + '_ok', in_reply_to: body.msg_id, ...reply });
});
input.on('close', () => process.exit(0));
