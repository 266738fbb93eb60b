// Asks for frames every few seconds, where sockets are blocked. One request at a time, and less often while nothing runs or
// nobody looks at the page.
const SECONDS = { live: 2, resting: 5, hidden: 10, hiddenResting: 30 };
const LONGEST_DELAY_MS = 15_000;
const PATIENCE_MS = 30_000;
const REFUSALS = { 403: "no-access", 404: "no-access", 410: "deleted", 423: "workspace-deleted" };

class Refused extends Error {
  constructor(state) {
    super(state);
    this.state = state;
  }
}

const ask = async ({ url, state }, signal) => {
  const address = `${url}?${new URLSearchParams({ state: JSON.stringify(state) })}`;
  const response = await fetch(address, { redirect: "manual", signal });
  // After signing out, the request is redirected to the sign-in page.
  if (response.type === "opaqueredirect") throw new Refused("signed-out");
  if (REFUSALS[response.status]) throw new Refused(REFUSALS[response.status]);
  if (response.status === 204) return { frames: [], live: false };
  if (!response.ok) throw new Error(`status ${response.status}`);
  return response.json();
};

export class Poller {
  #listener;
  #timer = 0;
  // Aborts the request on its way; null while the poller rests.
  #round = null;
  isOn = false;
  #isAwaited = false;
  #isLive = false;
  #reached = 0;
  #failed = 0;

  // The listener has questions(), receive(frame, acknowledge), show(state, seconds), reached() and refused(state).
  constructor(listener) {
    this.#listener = listener;
  }

  start() {
    if (this.isOn) return;
    this.isOn = true;
    this.#reached = this.#failed = 0;
    this.#poll();
  }

  stop() {
    this.isOn = false;
    clearTimeout(this.#timer);
    this.#round?.abort();
    this.#round = null;
  }

  // Start over with what the page has now.
  restart() {
    this.stop();
    this.isOn = true;
    this.#poll();
  }

  // Ask at once: something has probably changed.
  hurry() {
    if (!this.isOn) return;
    if (this.#round) this.#isAwaited = true;
    else this.#poll();
  }

  async #poll() {
    clearTimeout(this.#timer);
    const round = new AbortController();
    this.#round = round;
    this.#isAwaited = false;
    const patience = setTimeout(() => round.abort(), PATIENCE_MS);
    try {
      const isLive = await this.#askAll(round);
      if (round !== this.#round) return;
      this.#isLive = isLive;
      this.#succeeded();
    } catch (error) {
      if (round !== this.#round) return;
      if (error instanceof Refused) {
        this.stop();
        this.#listener.refused(error.state);
        return;
      }
      this.#fail();
    } finally {
      clearTimeout(patience);
    }
    this.#round = null;
    this.#timer = setTimeout(() => this.#poll(), this.#delay());
  }

  async #askAll(round) {
    let isLive = false;
    for (const question of this.#listener.questions()) {
      const answer = await ask(question, round.signal);
      if (round !== this.#round) return isLive;
      isLive ||= answer.live;
      await this.#apply(question, answer.frames);
    }
    return isLive;
  }

  async #apply({ state }, frames) {
    if (!frames.length) return;
    // A prompt may have been sent meanwhile. Frames for what the page had before would take it away again.
    if (this.#listener.questions().some((now) => now.state.code === state.code && now.state.head !== state.head)) {
      this.#isAwaited = true;
      return;
    }
    // The next question must say what the page has after these frames.
    await new Promise((resolve) => {
      for (const frame of frames.slice(0, -1)) this.#listener.receive(frame, () => {});
      this.#listener.receive({ ...frames.at(-1), ack: true }, resolve);
    });
  }

  #succeeded() {
    this.#reached += 1;
    if (this.#failed) this.#listener.reached();
    this.#failed = 0;
    // After an outage sockets mostly work again, and the second answer comes too late to be shown.
    if (this.#reached > 1) this.#listener.show("polling", this.#seconds(false));
  }

  #fail() {
    this.#reached = 0;
    this.#failed += 1;
    this.#listener.show("lost");
  }

  #seconds(isHidden) {
    if (isHidden) return this.#isLive ? SECONDS.hidden : SECONDS.hiddenResting;
    return this.#isLive || this.#reached < 2 ? SECONDS.live : SECONDS.resting;
  }

  #delay() {
    if (this.#isAwaited) return 0;
    const delay = this.#seconds(document.hidden) * 1000;
    // Random delays spread the pages of an office whose proxy has just come back.
    return this.#failed ? Math.min(LONGEST_DELAY_MS, delay * 2 ** this.#failed) * (0.5 + Math.random() / 2) : delay;
  }
}
