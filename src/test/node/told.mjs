// What the client scripts here have in common: what they are asked for, and how they tell what they have been told.
//
//   node SCRIPT BASE TOPIC AFTER PADDING [HEADER...]
//
// BASE ends with a slash; AFTER may be empty; PADDING is 0 for none; a HEADER is "Name: value". Each event is printed as
// one line of JSON: {"event", "id", "data"} as the client has given them, or {"event": "refused", "status"}.

const [base, topic, after, padding, ...lines] = process.argv.slice(2);

export const order = { base, topic, after, headers: Object.fromEntries(lines.map((line) => line.split(': '))) };

export const EVENTS = ['message', 'ready', 'reset', 'ping', 'bye'];

export function streamUrl() {
  const url = new URL('api/stream', base);
  url.searchParams.set('topic', topic);
  if (after) url.searchParams.set('after', after);
  if (padding !== '0') url.searchParams.set('padding', padding);
  return url.href;
}

export function tell(event, more) {
  process.stdout.write(JSON.stringify({ event, ...more }) + '\n');
}
