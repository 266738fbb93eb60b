// The socket of a conversation page, as the htmx extension "live": <main hx-ext="live" data-live-url="/ws/…">.
// It connects, says hello with what the page has, hands frames to frames.js, acknowledges what was
// applied, and comes back after every cut. A refusal (4401, 4403) is final.
(() => {
  const FIRST_DELAY_MS = 300;
  const LONGEST_DELAY_MS = 15_000;
  // A cut that heals sooner than this is not worth a word.
  const SILENCE_MS = 1_000;
  // This long open, and the next cut starts again with the shortest delay.
  const STEADY_MS = 5_000;
  const REFUSALS = { 4401: "signed-out", 4403: "no-access" };

  const tell = (name, detail) => document.dispatchEvent(new CustomEvent(`live:${name}`, { detail }));

  class LiveSocket {
    #url;
    #socket = null;
    #attempt = 0;
    #timers = { retry: 0, silence: 0, steady: 0 };
    #isOver = false;

    constructor(path) {
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
      const hello = { type: "hello", head: "", cursors: {} };
      tell("hello", hello);
      socket.send(JSON.stringify(hello));
      tell("state", "open");
    }

    #received(socket, text) {
      const frame = JSON.parse(text);
      const acknowledge = () => {
        if (frame.ack && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ type: "ack", n: frame.n }));
      };
      tell("frame", { frame, acknowledge });
    }

    #closed(socket, code) {
      // An old socket that closes late says nothing about the new one.
      if (socket !== this.#socket || this.#isOver) return;
      clearTimeout(this.#timers.steady);
      tell("cut");
      if (REFUSALS[code]) {
        this.#isOver = true;
        clearTimeout(this.#timers.silence);
        tell("state", REFUSALS[code]);
        return;
      }
      this.#timers.silence ||= setTimeout(() => tell("state", "lost"), SILENCE_MS);
      const longest = Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** this.#attempt);
      this.#attempt += 1;
      // Full spread: after a restart of the server the pages do not all come back in the same moment.
      this.#timers.retry = setTimeout(() => this.#connect(), longest * (0.5 + Math.random() / 2));
    }

    // Now, rather than when the timer says: the network is back, or somebody looks at the page again.
    hurry() {
      if (!this.#isOver && this.#socket.readyState === WebSocket.CLOSED) this.#connect();
    }

    // Start over with what the page has now.
    restart() {
      if (this.#isOver) return;
      const old = this.#socket;
      this.#socket = null;
      old.close();
      tell("cut");
      this.#connect();
    }

    end() {
      this.#isOver = true;
      clearTimeout(this.#timers.retry);
      clearTimeout(this.#timers.silence);
      this.#socket.close();
    }
  }

  let live = null;

  htmx.defineExtension("live", {
    onEvent(name, event) {
      const element = event.detail.elt;
      if (!element?.dataset?.liveUrl) return;
      if (name === "htmx:afterProcessNode") live ??= new LiveSocket(element.dataset.liveUrl);
      if (name === "htmx:beforeCleanupElement") {
        live?.end();
        live = null;
      }
    },
  });

  document.addEventListener("live:restart", () => live?.restart());
  // A socket does not notice for minutes that the network under it has gone.
  window.addEventListener("offline", () => live && tell("state", "lost"));
  window.addEventListener("online", () => live?.restart());
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) live?.hurry();
  });
  // A page that comes back from the browser's cache has a dead socket and no close event yet.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) live?.restart();
  });
})();
