// The htmx extension "live": <main hx-ext="live" data-thread="<code>" data-live-url="/ws/…"> is kept up to date through
// a socket, or by asking every few seconds where sockets are blocked. Threads with the same address share both.
import { showConnection } from "./connection.js";
import { framesOf } from "./frames.js";
import { Poller } from "./poller.js";
import { part } from "./roots.js";
import { LiveSocket } from "./socket.js";
import { forgetCompany } from "./writing.js";

// Sockets by their address.
const sockets = new Map();

class Sharing {
  #roots = new Set();
  #socket = null;
  #poller = new Poller(this);
  #shown = "open";

  constructor(path) {
    this.path = path;
  }

  join(root) {
    if (this.#roots.has(root)) return;
    this.#roots.add(root);
    framesOf(root).onBehind = () => this.restart();
    if (this.#socket) this.#socket.restart();
    // The other threads of the page join before this runs, and the first hello names all of them.
    else if (this.#roots.size === 1) queueMicrotask(() => this.#connect());
  }

  #connect() {
    if (this.#roots.size) this.#socket = new LiveSocket(this.path, this);
  }

  leave(root) {
    if (!this.#roots.delete(root) || this.#roots.size) return;
    this.#socket?.end();
    this.#poller.stop();
    sockets.delete(this.path);
  }

  states() {
    return [...this.#roots].map((root) => framesOf(root).state());
  }

  questions() {
    return [...this.#roots].map((root) => ({ url: part(root, "connection").dataset.framesUrl, state: framesOf(root).state() }));
  }

  receive(frame, acknowledge) {
    const root = [...this.#roots].find((each) => each.dataset.thread === frame.thread);
    if (root) framesOf(root).receive(frame, acknowledge);
    else acknowledge();
  }

  cut() {
    for (const root of this.#roots) forgetCompany(root);
    if (!this.#poller.isOn) this.#drop();
  }

  #drop() {
    for (const root of this.#roots) framesOf(root).drop();
  }

  show(state, seconds) {
    this.#shown = state;
    for (const root of this.#roots) showConnection(root, state, seconds);
  }

  // Sockets are blocked.
  fallBack() {
    this.#poller.start();
  }

  // A socket works again.
  takeBack() {
    this.#poller.stop();
    this.#drop();
    // The line about polling stays until the socket has lasted for a while.
    if (this.#shown === "lost") this.show("open");
  }

  // A poll has reached the server after others had not.
  reached() {
    this.#socket?.hurry();
  }

  refused(state) {
    this.#socket?.end();
    this.show(state);
  }

  // The person has done something.
  expect() {
    this.#poller.hurry();
  }

  restart() {
    if (this.#poller.isOn) {
      this.#drop();
      this.#poller.restart();
    }
    this.#socket?.restart();
  }

  hurry() {
    this.#socket?.hurry();
    this.#poller.hurry();
  }

  expectNews(since) {
    this.#socket?.expectNews(since);
  }

  say(command) {
    this.#socket?.say(command);
  }

  // Whether frames come through a socket that has answered.
  get isOpen() {
    return Boolean(this.#socket?.isOpen) && !this.#poller.isOn;
  }
}

export const isLive = (root) => Boolean(sockets.get(root.dataset.liveUrl)?.isOpen);

document.addEventListener("thread:writing", ({ target, detail }) => {
  const { thread, liveUrl } = target.dataset;
  sockets.get(liveUrl)?.say({ type: "writing", thread, is: detail.is });
});

htmx.defineExtension("live", {
  onEvent(name, event) {
    const root = event.detail.elt;
    const path = root?.dataset?.liveUrl;
    if (!path) return;
    if (name === "htmx:afterProcessNode") {
      if (!sockets.has(path)) sockets.set(path, new Sharing(path));
      sockets.get(path).join(root);
    }
    if (name === "htmx:beforeCleanupElement") sockets.get(path)?.leave(root);
  },
});

const each = (action) => {
  for (const socket of sockets.values()) action(socket);
};
// A socket does not notice for minutes that the network under it is gone.
window.addEventListener("offline", () => each((socket) => socket.show("lost")));
window.addEventListener("online", () => each((socket) => socket.restart()));
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) each((socket) => socket.hurry());
});
document.addEventListener("htmx:afterRequest", (event) => {
  const { verb, toldLiveAt } = event.detail.requestConfig;
  if (verb !== "get") each((socket) => socket.expect());
  if (toldLiveAt) each((socket) => socket.expectNews(toldLiveAt));
});
// A page that comes back from the browser's cache has a dead socket and no close event yet.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) each((socket) => socket.restart());
});
