// @microsoft/fetch-event-source, which is made for browsers: it wants a window and a document.
globalThis.window = globalThis;
globalThis.document = { hidden: false, addEventListener() {}, removeEventListener() {} };
const { fetchEventSource } = await import('@microsoft/fetch-event-source');
const { order, streamUrl, tell } = await import('./told.mjs');

class Refused extends Error {}

try {
  await fetchEventSource(streamUrl(), {
    headers: order.headers,
    openWhenHidden: true,
    async onopen(response) {
      if (response.status === 401 || response.status === 403) throw new Refused(response.status);
      if (!response.ok) throw new Error(`answered ${response.status}`);
    },
    onmessage(message) {
      tell(message.event || 'message', { id: message.id, data: message.data });
    },
    onclose() {
      // It takes an end for the last one, unless this throws.
      throw new Error('the stream has ended');
    },
    onerror(error) {
      // It comes back, unless this throws.
      if (error instanceof Refused) throw error;
    },
  });
} catch (refused) {
  tell('refused', { status: Number(refused.message) });
}
