/** The client of a Bongsu portal. Scripts find it as the global `Bongsu`, CommonJS as what `require` returns. */
export as namespace Bongsu;

declare global {
  // As RxJS has it: where a library has defined the symbol, clients have it.
  interface SymbolConstructor {
    readonly observable: symbol;
  }
}

/** Tabs of different versions do not share a connection. */
export const VERSION: string;

export type Transport = 'websocket' | 'eventsource' | 'fetch' | 'xhr' | 'longpoll' | 'poll';

/** A message of the log; what is absent was not set (contract §2). Ephemeral ones (`typing`, `presence`) have no `id`. */
export interface Message {
  readonly id?: string;
  readonly topic: string;
  readonly type: string;
  /** RFC 3339, UTC, with milliseconds. */
  readonly time: string;
  readonly sender: string;
  readonly title?: string;
  readonly body?: string;
  readonly format?: 'text' | 'markdown';
  readonly priority?: 'min' | 'low' | 'normal' | 'high' | 'urgent';
  readonly tags?: ReadonlyArray<string>;
  readonly link?: string;
  readonly key?: string;
  readonly status?: 'firing' | 'resolved';
  readonly expires?: string;
  readonly ack?: 'required';
  readonly data?: unknown;
  readonly [more: string]: unknown;
}

/** What one may set of a message; `body` alone may be given as a string. */
export interface Draft {
  type?: 'notice' | 'chat' | 'event' | 'typing';
  title?: string;
  body?: string;
  format?: 'text' | 'markdown';
  priority?: 'min' | 'low' | 'normal' | 'high' | 'urgent' | 'default' | 'max' | 1 | 2 | 3 | 4 | 5;
  tags?: string[];
  link?: string;
  key?: string;
  status?: 'firing' | 'resolved';
  expires?: string;
  data?: unknown;
  [more: string]: unknown;
}

/** What the portal answers to a publication. */
export interface Receipt {
  readonly id: string;
  readonly topic: string;
  readonly [more: string]: unknown;
}

/** Why something was refused. `status` 0: no answer of the portal's came. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  /** Seconds, with 429 and 503, where the portal has said so. */
  readonly retryAfter?: number;
}

export interface Tried {
  readonly transport: Transport;
  readonly result: 'works' | 'missing' | 'refused' | 'silent' | 'held' | 'lost';
  /** The HTTP status, where it could be learnt; else 0. */
  readonly status: number;
}

/**
 * Why it is so. Of `connecting` and `live`: the first time, again, renewed by the portal, other transports or topics were
 * chosen, long-polling was held back. Of `waiting`: the portal restarts or is busy, the connection was lost, fell silent or
 * was refused, no transport that is allowed works (held, missing), the portal calls the request wrong (broken).
 */
export type Reason =
  | 'first' | 'again' | 'renewed' | 'chosen'
  | 'restart' | 'busy' | 'lost' | 'silent' | 'refused' | 'held' | 'missing' | 'broken'
  | 'stopped';

export interface State {
  /**
   * `connecting`: for the first time or again; `live`; `waiting`: until `until`; `stopped`: refused (401, 403), closed, or
   * the page is being put away.
   */
  readonly name: 'connecting' | 'live' | 'waiting' | 'stopped';
  /** The one in use, or being tried; empty before the first. */
  readonly transport: Transport | '';
  /** A better one that is being tried behind it. */
  readonly probing: Transport | '';
  /** Whether this page holds the connection. */
  readonly leader: boolean;
  /** How the browser's tabs share one connection; empty: this page does not. */
  readonly shared: Way | '';
  /** When this state began, in milliseconds since 1970. */
  readonly since: number;
  /** When the next try comes, while `waiting`; else 0. */
  readonly until: number;
  readonly reason: Reason;
  /** The portal's own words, for `broken`. */
  readonly detail: string;
  /** How often a live link has ended unasked. */
  readonly breaks: number;
  /** The position after what has been handed to this page. */
  readonly cursor: string;
  readonly tried: ReadonlyArray<Tried>;
  /** `tried` in words, for people: "WebSocket refused: HTTP 403". */
  readonly why: ReadonlyArray<string>;
}

/** Storage that keeps a few small texts, as localStorage does. */
export interface KeptStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

export interface Clock {
  now(): number;
  set(run: () => void, milliseconds: number): unknown;
  clear(timer: unknown): void;
}

export type Way = 'worker' | 'locks' | 'lease';

export interface Options {
  /** The portal's address; the page's own folder if not given. */
  url?: string;
  /** One or more topics or patterns; `**`, everything one may read, if not given. */
  topics?: string | string[];
  /** A cursor, `latest` (the default) or `earliest`. */
  after?: string;
  /** One or more: only these. Such a page has a connection of its own. */
  transports?: Transport | Transport[];
  /** Whether tabs share one connection: `true` (the default), `false`, or only in this way. */
  share?: boolean | Way | Way[];
  /** Sent as `Authorization: Bearer …` in place of cookies. */
  token?: string;
  /** In place of localStorage; `null`: nothing is kept. */
  storage?: KeptStorage | null;
  /** The script of the shared worker, of the page's own origin; found by itself where the client comes from there. */
  worker?: string;
  clock?: Clock;
  random?: () => number;
}

export interface Subscription {
  unsubscribe(): void;
}

export interface Observer {
  next?: (message: Message) => void;
  error?: (problem: Problem) => void;
  complete?: () => void;
}

/** Ends with an error when the client stops (401, 403), completes when it is closed. */
export interface MessageObservable {
  subscribe(next: (message: Message) => void, error?: (problem: Problem) => void, complete?: () => void): Subscription;
  // Last, where RxJS looks for the type of what comes.
  subscribe(observer?: Observer): Subscription;
}

export interface Client {
  readonly state: State;
  /** Every message once, in the log's order. */
  on(event: 'message', listener: (message: Message) => void): Client;
  on(event: 'state', listener: (state: State) => void): Client;
  /** History is gone: reading goes on from the oldest there is. */
  on(event: 'reset', listener: (reset: { reason: 'epoch' | 'trimmed' | 'ahead' }) => void): Client;
  /** Refused. With 401 and 403 the client has stopped; `retry()` goes on where it was. */
  on(event: 'error', listener: (problem: Problem) => void): Client;
  on(event: 'close', listener: () => void): Client;
  off(event: 'message' | 'state' | 'reset' | 'error' | 'close', listener: (what: any) => void): Client;
  /** Reads these too, from the present position on. */
  subscribe(topics: string | string[]): void;
  unsubscribe(topics: string | string[]): void;
  /** With a key of one's own it may be repeated without harm. */
  publish(topic: string, message: string | Draft, options?: { idempotencyKey?: string }): Promise<Receipt>;
  publish(topic: string, message: string | Draft, done: (problem: Problem | null, receipt?: Receipt) => void): void;
  publish(
    topic: string,
    message: string | Draft,
    options: { idempotencyKey?: string },
    done: (problem: Problem | null, receipt?: Receipt) => void
  ): void;
  /** Only these transports from now on; `null`: all. */
  use(transports: Transport | Transport[] | null): void;
  /** Now, if it waits; again, if it has stopped. */
  retry(): void;
  close(): void;
  '@@observable'(): MessageObservable;
  /** The same, where a library had defined the symbol before this client was made. */
  [Symbol.observable](): MessageObservable;
}

/** Begins at once. */
export function connect(options?: Options): Client;

/** EventSource over XMLHttpRequest, once `eventsource.js` has been loaded. */
export const EventSource: undefined | {
  new (url: string, options?: { withCredentials?: boolean; headers?: { [name: string]: string } }): globalThis.EventSource;
  readonly CONNECTING: 0;
  readonly OPEN: 1;
  readonly CLOSED: 2;
  /** Takes the place of the browser's own. */
  install(): void;
};

export interface StreamEvent {
  readonly type: string;
  readonly data: string;
  readonly lastEventId: string;
}

/**
 * The grammar of event streams alone, once `eventsource.js` has been loaded: what it returns takes the text piece by piece,
 * and returns the last event id so far.
 */
export const eventStreamParser: undefined | ((
  onEvent: (event: StreamEvent) => void,
  onRetry?: (milliseconds: number) => void,
  lastEventId?: string
) => (piece: string) => string);
