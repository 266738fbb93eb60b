// A socket that comes back after every cut. It says hello with what the page has of each thread, hands over frames and
// acknowledges those that were applied. A refusal (4401, 4403, 4404) is final. chat/sockets/__init__.py describes the protocol.
const FIRST_DELAY_MS = 300;
const LONGEST_DELAY_MS = 15_000;
// Shorter cuts are not reported.
const SILENCE_MS = 1_000;
// After a connection this long, the next cut starts again with the shortest delay.
const STEADY_MS = 5_000;
// The server has closed the socket because too many commands came.
const TOO_MANY = 4429;
const REFUSALS = { 4401: "signed-out", 4403: "no-access", 4404: "deleted" };

export class LiveSocket {
  #url;
  #listener;
  #socket = null;
  #attempt = 0;
  #timers = { retry: 0, silence: 0, steady: 0 };
  #isOver = false;
  #mayHurry = true;

  // The listener has states(), receive(frame, acknowledge), cut() and show(state).
  constructor(path, listener) {
    this.#listener = listener;
    this.#url = new URL(path, location.href);
    this.#url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    this.#connect();
  }

  #connect() {
    clearTimeout(this.#timers.retry);
    const socket = new WebSocket(this.#url);
    this.#socket = socket;
    socket.addEventListener("open", () => this.#opened(socket));
    socket.addEventListener("message", (event) => this.#received(socket, event.data));
    socket.addEventListener("close", (event) => this.#closed(socket, event.code));
  }

  #opened(socket) {
    clearTimeout(this.#timers.silence);
    this.#timers.silence = 0;
    this.#timers.steady = setTimeout(() => {
      this.#attempt = 0;
    }, STEADY_MS);
    socket.send(JSON.stringify({ type: "hello", threads: this.#listener.states() }));
    this.#listener.show("open");
  }

  #received(socket, text) {
    const frame = JSON.parse(text);
    const acknowledge = () => {
      if (frame.ack && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "ack", n: frame.n }));
    };
    this.#listener.receive(frame, acknowledge);
  }

  #closed(socket, code) {
    // An old socket may close late. Its end does not concern the new one.
    if (socket !== this.#socket || this.#isOver) return;
    clearTimeout(this.#timers.steady);
    this.#listener.cut();
    if (REFUSALS[code]) {
      this.#isOver = true;
      clearTimeout(this.#timers.silence);
      this.#listener.show(REFUSALS[code]);
      return;
    }
    const isTooMany = code === TOO_MANY;
    if (isTooMany) {
      clearTimeout(this.#timers.silence);
      this.#timers.silence = 0;
      this.#listener.show("too-many");
    } else this.#timers.silence ||= setTimeout(() => this.#listener.show("lost"), SILENCE_MS);
    const longest = isTooMany ? 2 * LONGEST_DELAY_MS : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempt);
    this.#attempt += 1;
    this.#mayHurry = !isTooMany;
    // Random delays: after a restart of the server, all pages would otherwise come back in the same moment.
    this.#timers.retry = setTimeout(() => this.#connect(), longest * (0.5 + Math.random() / 2));
  }

  // Reconnect at once: the page is looked at again.
  hurry() {
    if (!this.#isOver && this.#mayHurry && this.#socket.readyState === WebSocket.CLOSED) this.#connect();
  }

  // Start over with what the page has now.
  restart() {
    if (this.#isOver) return;
    const old = this.#socket;
    this.#socket = null;
    old.close();
    this.#listener.cut();
    this.#connect();
  }

  end() {
    this.#isOver = true;
    clearTimeout(this.#timers.retry);
    clearTimeout(this.#timers.silence);
    this.#socket.close();
  }
}
