// npm event-source-polyfill, through its fetch transport. It sends the last id as lastEventId in the query.
import polyfill from 'event-source-polyfill';
import { EVENTS, order, streamUrl, tell } from './told.mjs';

const source = new polyfill.EventSourcePolyfill(streamUrl(), { headers: order.headers });
for (const name of EVENTS) {
  source.addEventListener(name, (event) => tell(name, { id: event.lastEventId, data: event.data }));
}
source.onerror = (error) => {
  // Otherwise it is about to come back.
  if (source.readyState === polyfill.EventSourcePolyfill.CLOSED) tell('refused', { status: error.status });
};
