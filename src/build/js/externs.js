/*
 * What a script may name without declaring it: the globals of Internet Explorer 10, which are those of any browser with
 * JavaScript of the fifth edition. A script that names another one does not pass the build.
 *
 * Names of properties are not checked: [].includes and the like are found by the tests in old engines only.
 *
 * @externs
 */

// ECMAScript 5
var Array, Boolean, Date, Error, EvalError, Function, Infinity, JSON, Math, NaN, Number, Object, RangeError, ReferenceError,
  RegExp, String, SyntaxError, TypeError, URIError, arguments, decodeURI, decodeURIComponent, encodeURI, encodeURIComponent,
  escape, isFinite, isNaN, parseFloat, parseInt, undefined, unescape;

// The browser
var Blob, Element, Event, FileReader, FormData, Image, MessageChannel, Node, Uint8Array, Worker, XMLHttpRequest, clearInterval,
  clearTimeout, console, document, history, localStorage, location, navigator, self, sessionStorage, setInterval, setTimeout,
  window;

// In workers
var close, importScripts, onconnect, onmessage, postMessage;

/*
 * Newer than that, and each here because one script makes a test of it first. All others are named as properties, `self.fetch`,
 * after a `typeof`: so none gets in by mistake.
 */
var URL; // eventsource.js: in workers, which have no document to make an address absolute with
var module; // client.js: CommonJS
