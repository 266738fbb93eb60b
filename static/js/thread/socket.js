// A socket that comes back after every cut. It says hello with what the page has of each thread, hands over frames and
// acknowledges those that were applied. A refusal (4401, 4403, 4404, 4410) is final. chat/sockets/__init__.py describes the protocol.
//
// A proxy may refuse sockets, cut them after a moment, or accept them and pass nothing on. After three tries of which none
// lasted, the listener has to get its frames otherwise, until a try lasts.
import { isBlocked, setBlocked } from "./blocked.js";

const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 15_000;
// Shorter cuts are not reported.
const SILENCE_MS = 1_000;
// After a connection this long, the next cut starts again with the shortest delay.
const STEADY_MS = 5_000;
// The time in which a new socket opens and answers a ping, and in which one that was quiet answers.
const FIRST_WORD_MS = 6_000;
const PONG_MS = 10_000;
const QUIET_MS = 20_000;
// The time in which a socket answers that has not brought what an answer to a request left to it.
const NEWS_MS = 2_000;
const TRIES = 3;
// The time between tries while sockets are blocked; it doubles.
const FIRST_TRIAL_MS = 10_000;
const LONGEST_TRIAL_MS = 120_000;
// The server has closed the socket because too many commands came.
const TOO_MANY = 4429;
const REFUSALS = { 4401: "signed-out", 4403: "no-access", 4404: "deleted", 4410: "workspace-deleted" };

export class LiveSocket {
  #url;
  #listener;
  // The current socket, null once it has closed.
  #socket = null;
  #attempt = 0;
  #timers = { retry: 0, silence: 0, steady: 0, word: 0 };
  #isOver = false;
  #mayHurry = true;
  #isBlocked = isBlocked();
  #hasSpoken = false;
  #heardAt = 0;

  // The listener has states(), receive(frame, acknowledge), cut(), show(state), fallBack() and takeBack().
  constructor(path, listener) {
    this.#listener = listener;
    this.#url = new URL(path, location.href);
    this.#url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    if (this.#isBlocked) listener.fallBack();
    this.#connect();
  }

  #connect() {
    clearTimeout(this.#timers.retry);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    this.#hasSpoken = false;
    socket.addEventListener("open", () => this.#opened(socket));
    socket.addEventListener("message", (event) => this.#received(socket, event.data));
    socket.addEventListener("close", (event) => this.#closed(socket, event.code));
    this.#expectWord(FIRST_WORD_MS);
  }

  #opened(socket) {
    if (socket !== this.#socket) return;
    // While frames come otherwise, a socket has to answer before it brings them.
    if (!this.#isBlocked) this.#hello();
    this.#ping(FIRST_WORD_MS);
  }

  #hello() {
    this.#socket.send(JSON.stringify({ type: "hello", threads: this.#listener.states() }));
  }

  #ping(patience) {
    this.#socket.send(JSON.stringify({ type: "ping" }));
    this.#expectWord(patience);
  }

  // An open socket through which nothing comes looks like a conversation in which nothing happens.
  #expectWord(patience) {
    const socket = this.#socket;
    clearTimeout(this.#timers.word);
    this.#timers.word = setTimeout(() => {
      this.#closed(socket, 0);
      // The closing of a dead socket takes minutes.
      socket.close();
    }, patience);
  }

  #received(socket, text) {
    if (socket !== this.#socket) return;
    this.#hear();
    const frame = JSON.parse(text);
    if (frame.type === "pong") return;
    const acknowledge = () => {
      if (frame.ack && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "ack", n: frame.n }));
    };
    this.#listener.receive(frame, acknowledge);
  }

  #hear() {
    this.#heardAt = performance.now();
    clearTimeout(this.#timers.word);
    this.#timers.word = setTimeout(() => this.#ping(PONG_MS), QUIET_MS);
    if (this.#hasSpoken) return;
    this.#hasSpoken = true;
    this.#stopTimer("silence");
    this.#timers.steady = setTimeout(() => this.#settle(), STEADY_MS);
    if (!this.#isBlocked) return this.#listener.show("open");
    this.#listener.takeBack();
    this.#hello();
  }

  #settle() {
    this.#attempt = 0;
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    setBlocked(false);
    this.#listener.show("open");
  }

  #stopTimer(name) {
    clearTimeout(this.#timers[name]);
    this.#timers[name] = 0;
  }

  #closed(socket, code) {
    // An old socket may close late. Its end does not concern the new one.
    if (socket !== this.#socket || this.#isOver) return;
    this.#socket = null;
    this.#stopTimer("steady");
    this.#stopTimer("word");
    this.#listener.cut();
    if (REFUSALS[code]) {
      this.end();
      this.#listener.show(REFUSALS[code]);
      return;
    }
    const isTooMany = code === TOO_MANY;
    this.#attempt += 1;
    if (isTooMany) {
      this.#stopTimer("silence");
      this.#listener.show("too-many");
    } else if (this.#isBlocked || this.#attempt >= TRIES) this.#fallBack();
    else this.#timers.silence ||= setTimeout(() => this.#listener.show("lost"), SILENCE_MS);
    this.#mayHurry = !isTooMany;
    // Random delays: after a restart of the server, all pages would otherwise come back in the same moment.
    this.#timers.retry = setTimeout(() => this.#connect(), this.#longestDelay(isTooMany) * (0.5 + Math.random() / 2));
  }

  #longestDelay(isTooMany) {
    if (isTooMany) return 2 * LONGEST_DELAY_MS;
    if (this.#isBlocked) return Math.min(LONGEST_TRIAL_MS, FIRST_TRIAL_MS * 2 ** Math.max(0, this.#attempt - TRIES));
    return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (this.#attempt - 1));
  }

  #fallBack() {
    this.#stopTimer("silence");
    if (!this.#isBlocked) setBlocked(true);
    this.#isBlocked = true;
    this.#listener.fallBack();
  }

  get isOpen() {
    return this.#hasSpoken && this.#socket?.readyState === WebSocket.OPEN;
  }

  // A request of that moment was answered without what the socket brings. One that died without a word brings nothing.
  expectNews(since) {
    if (this.isOpen && this.#heardAt < since) this.#ping(NEWS_MS);
  }

  // Tell the server something that it may miss.
  say(command) {
    if (this.isOpen) this.#socket.send(JSON.stringify(command));
  }

  // Reconnect at once: the page is looked at again, or the server can be reached again.
  hurry() {
    if (!this.#isOver && this.#mayHurry && !this.#socket) this.#connect();
  }

  // Start over with what the page has now.
  restart() {
    if (this.#isOver) return;
    const old = this.#socket;
    this.#socket = null;
    old?.close();
    this.#stopTimer("steady");
    this.#listener.cut();
    this.#connect();
  }

  end() {
    this.#isOver = true;
    for (const name of Object.keys(this.#timers)) this.#stopTimer(name);
    this.#socket?.close();
  }
}
