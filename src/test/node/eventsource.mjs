// npm eventsource: the browsers' EventSource for Node.js. Takes headers by way of a fetch of one's own.
import { EventSource } from 'eventsource';
import { EVENTS, order, streamUrl, tell } from './told.mjs';

const source = new EventSource(streamUrl(), {
  fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, ...order.headers } }),
});
for (const name of EVENTS) {
  source.addEventListener(name, (event) => tell(name, { id: event.lastEventId, data: event.data }));
}
source.onerror = (error) => {
  // Otherwise it is about to come back.
  if (source.readyState === EventSource.CLOSED) tell('refused', { status: error.code });
};
