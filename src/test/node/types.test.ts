// Uses all that bongsu.d.ts declares; checked by the compiler, never run. What must not compile says so: where it does, the
// compiler complains of the expectation.
import * as Bongsu from '../../../webapp/js/bongsu';
import type { Client, Draft, Message, Options, Problem, Reason, Receipt, State, Transport, Tried } from '../../../webapp/js/bongsu';
import { from, type Observable } from 'rxjs';
import { filter, map, take } from 'rxjs/operators';

/** Compiles only where both are the same type. */
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function same<A, B>(isSo: Same<A, B>): void {
  void isSo;
}

// Connecting

const nothingGiven: Client = Bongsu.connect();
const kept: Record<string, string> = {};
const all: Options = {
  url: 'https://portal.intra.example/bongsu/',
  topics: ['ops/*', 'chat/general'],
  after: 'k7f3a-1042',
  transports: ['websocket', 'eventsource', 'fetch', 'xhr', 'longpoll', 'poll'],
  share: ['worker', 'locks', 'lease'],
  token: 't1',
  storage: {
    getItem: key => kept[key] ?? null,
    setItem: (key, value) => { kept[key] = value; },
    removeItem: key => { delete kept[key]; },
  },
  worker: '/js/bongsu.min.js',
  clock: { now: () => Date.now(), set: (run, wait) => setTimeout(run, wait), clear: timer => clearTimeout(timer as number) },
  random: Math.random,
};
const client = Bongsu.connect(all);
Bongsu.connect({ topics: 'ops/*', after: 'latest', share: false, storage: null });
Bongsu.connect({ share: 'lease', storage: localStorage });
// @ts-expect-error: a transport that there is none
Bongsu.connect({ transports: ['sse'] });
// @ts-expect-error: misspelt
Bongsu.connect({ topic: 'ops/*' });
// @ts-expect-error: topics are texts
Bongsu.connect({ topics: [1] });
// @ts-expect-error: no such way
Bongsu.connect({ share: 'iframe' });
// @ts-expect-error: a storage reads and writes
Bongsu.connect({ storage: {} });

// Events

const chained: Client = client
  .on('message', message => {
    same<typeof message, Message>(true);
    const text: string = message.title ?? message.body ?? '';
    const id: string | undefined = message.id;
    const extension: unknown = message['x-trace'];
    // @ts-expect-error: ephemeral messages have none
    const always: string = message.id;
    // @ts-expect-error: nobody changes a message
    message.body = '';
    // @ts-expect-error: what it holds is to be looked at first
    message.data.deeper;
    void [text, id, extension, always];
  })
  .on('state', state => same<typeof state, State>(true))
  .on('reset', reset => same<typeof reset.reason, 'epoch' | 'trimmed' | 'ahead'>(true))
  .on('error', problem => same<typeof problem, Problem>(true))
  .on('close', () => {});
function listener(message: Message): void {
  void message;
}
chained.on('message', listener).off('message', listener);
// @ts-expect-error: no such event
client.on('open', () => {});
// @ts-expect-error: no such event
client.off('open', () => {});
// @ts-expect-error: a state is no message
client.on('message', (state: State) => void state);

// State

function words(state: State): string {
  switch (state.name) {
    case 'connecting': return 'connecting';
    case 'live': return state.transport;
    case 'waiting': return String(state.until - state.since);
    case 'stopped': return state.reason;
  }
}
const state = client.state;
const transport: Transport | '' = state.transport;
const probing: Transport | '' = state.probing;
const shared: 'worker' | 'locks' | 'lease' | '' = state.shared;
const leader: boolean = state.leader;
const reason: Reason = state.reason;
const position: string = state.cursor;
const breaks: number = state.breaks;
const detail: string = state.detail;
const why: string = state.why.join('; ');
const failures: Tried[] = state.tried.filter(tried => tried.result !== 'works' && tried.status !== 403);
const failed: Transport | undefined = failures[0]?.transport;
// @ts-expect-error: the client tells its state
client.state = state;
// @ts-expect-error: no such state
if (state.name === 'offline') words(state);
// @ts-expect-error: no such result
if (failures[0].result === 'timeout') words(state);
void [words(state), transport, probing, shared, leader, reason, position, breaks, detail, why, failed];

// Topics and transports

client.subscribe('ops/*');
client.subscribe(['ops/*', 'chat/*']);
client.unsubscribe('ops/*');
client.use(['longpoll']);
client.use(null);
client.retry();
client.close();
// @ts-expect-error: none at all
client.subscribe();

// Publishing

const draft: Draft = { type: 'notice', title: 'Backup', body: 'done', priority: 4, tags: ['backup'], data: { took: 12 }, 'x-trace': 'a' };
const receipt: Promise<Receipt> = client.publish('ops/backups', draft, { idempotencyKey: 'backup-2026-11-22' });
receipt.then(({ id, topic }) => id + topic).catch((problem: Problem) => problem.detail);
client.publish('chat/general', 'hello', (problem, said) => {
  if (problem) return problem.status;
  return said?.id;
});
const nothing: void = client.publish('chat/general', 'hello', { idempotencyKey: 'k' }, () => {});
void nothing;
// @ts-expect-error: of some priorities
client.publish('ops/backups', { priority: 'very high' });
// @ts-expect-error: what is published is a text or a draft
client.publish('ops/backups', 17);

// Observables

const bodies: Observable<string> = from(client).pipe(filter(message => message.type === 'chat'), map(message => message.body ?? ''), take(3));
bodies.subscribe({ next: body => body.length, error: (problem: Problem) => problem.status, complete: () => {} }).unsubscribe();
const own = client['@@observable']();
own.subscribe(message => message.topic, problem => problem.status, () => {}).unsubscribe();
own.subscribe({ next: message => message.topic });
own.subscribe();
// @ts-expect-error: messages are no numbers
const numbers: Observable<number> = from(client);
void numbers;

// What comes with eventsource.js

if (Bongsu.EventSource && Bongsu.eventStreamParser) {
  const source: EventSource = new Bongsu.EventSource('api/stream', { withCredentials: true, headers: { Authorization: 'Bearer t1' } });
  source.onmessage = event => event.data;
  const isOver: boolean = source.readyState === Bongsu.EventSource.CLOSED;
  Bongsu.EventSource.install();
  const take: (piece: string) => string = Bongsu.eventStreamParser(event => event.type + event.data + event.lastEventId, retry => retry + 1, '');
  void [isOver, take('data: 1\n\n')];
}
// @ts-expect-error: it may not have been loaded
new Bongsu.EventSource('api/stream');

const version: string = Bongsu.VERSION;
// @ts-expect-error: the client's own parts are not for others
Bongsu.link;
void [version, nothingGiven];
