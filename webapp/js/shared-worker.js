/*
 * The script of the shared worker where a page has loaded the readable files: loads those that it needs.
 */
try {
  importScripts('bongsu.js', 'topics.js', 'backoff.js', 'seen.js', 'memory.js', 'http.js', 'websocket.js', 'stream.js',
    'poll.js', 'link.js', 'hub.js', 'worker.js');
} catch (unreachable) {
  // The next tab that wants one gets a fresh one.
  close();
}
