// WAV files of one channel and 16 bits, made of recorded samples.

// Enough for speech, and a third of a microphone's usual rate.
const RATE = 16_000;
const BYTES_PER_SAMPLE = 2;
const HEADER_BYTES = 44;

const joined = (pieces, length) => {
  const samples = new Float32Array(length);
  let at = 0;
  for (const piece of pieces) {
    samples.set(piece, at);
    at += piece.length;
  }
  return samples;
};

// The browser's resampler filters frequencies that are too high for the lower rate.
const resampled = async (samples, rate) => {
  const context = new OfflineAudioContext(1, Math.ceil((samples.length / rate) * RATE), RATE);
  const buffer = context.createBuffer(1, samples.length, rate);
  buffer.copyToChannel(samples, 0);
  const source = new AudioBufferSourceNode(context, { buffer });
  source.connect(context.destination);
  source.start();
  return (await context.startRendering()).getChannelData(0);
};

// The oldest form of the format, which every program reads: a header of 44 bytes, then the samples.
const encode = (samples) => {
  const size = samples.length * BYTES_PER_SAMPLE;
  const view = new DataView(new ArrayBuffer(HEADER_BYTES + size));
  const text = (at, letters) => [...letters].forEach((letter, place) => view.setUint8(at + place, letter.charCodeAt(0)));
  text(0, "RIFF");
  view.setUint32(4, HEADER_BYTES - 8 + size, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, 1, true);
  view.setUint16(22, 1, true);
  view.setUint32(24, RATE, true);
  view.setUint32(28, RATE * BYTES_PER_SAMPLE, true);
  view.setUint16(32, BYTES_PER_SAMPLE, true);
  view.setUint16(34, 8 * BYTES_PER_SAMPLE, true);
  text(36, "data");
  view.setUint32(40, size, true);
  samples.forEach((sample, place) => {
    const bounded = Math.max(-1, Math.min(1, sample));
    view.setInt16(HEADER_BYTES + place * BYTES_PER_SAMPLE, Math.round(bounded * 0x7fff), true);
  });
  return view.buffer;
};

export const wav = {
  // The seconds of sound that fit into so many bytes.
  secondsIn: (bytes) => Math.floor((bytes - HEADER_BYTES) / RATE / BYTES_PER_SAMPLE),
  from: async (pieces, length, rate) => encode(await resampled(joined(pieces, length), rate)),
};
