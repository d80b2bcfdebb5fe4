// npm ws. It does not come back by itself.
import WebSocket from 'ws';
import { order, tell } from './told.mjs';

const socket = new WebSocket(new URL('ws', order.base.replace(/^http/, 'ws')), 'bongsu.v1', { headers: order.headers });
socket.on('open', () => {
  const subscribe = { op: 'subscribe', id: 'main', topics: [order.topic], ref: 1 };
  if (order.after) subscribe.after = order.after;
  socket.send(JSON.stringify(subscribe));
});
socket.on('message', (frame) => {
  const said = JSON.parse(frame);
  if (said.op === 'messages') {
    for (const message of said.messages) tell('message', { id: message.id, data: JSON.stringify(message) });
  } else if (said.op === 'ok') {
    tell('ready', { id: said.cursor, data: '' });
  } else if (said.op !== 'ready') {
    tell(said.op, { id: '', data: JSON.stringify(said) });
  }
});
socket.on('ping', () => tell('ping', { id: '', data: '' }));
socket.on('unexpected-response', (request, response) => {
  tell('refused', { status: response.statusCode });
  request.destroy();
});
socket.on('error', (error) => console.error(String(error)));
