// Runs beside the page, in the browser's audio thread: hands on what the microphone hears, in pieces.
const PIECE = 4096;

class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.piece = new Float32Array(PIECE);
    this.length = 0;
  }

  process([[samples]]) {
    // Before the microphone has begun there is no channel.
    if (!samples) return true;
    if (this.length + samples.length > PIECE) this.handOn();
    this.piece.set(samples, this.length);
    this.length += samples.length;
    return true;
  }

  handOn() {
    const piece = this.piece.slice(0, this.length);
    this.length = 0;
    this.port.postMessage(piece, [piece.buffer]);
  }
}

registerProcessor("recorder", Recorder);
