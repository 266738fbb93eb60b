// Records what is said into a WAV file of one channel and 16 bits, made here, and attaches it.
(() => {
  // Enough for speech, and a third of what the microphone delivers.
  const RATE = 16_000;
  const BYTES_PER_SAMPLE = 2;
  const HEADER_BYTES = 44;
  const LONGEST_SECONDS = 300;
  const REFUSALS = {
    NotAllowedError: "The browser does not let this page use the microphone. Allow it in the page's settings, then try again.",
    NotFoundError: "No microphone was found.",
    NotReadableError: "The microphone is in use by another program.",
  };
  const row = () => document.getElementById("recorder");
  const announce = (words) => document.dispatchEvent(new CustomEvent("announce", { detail: words }));
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;

  // {row, stream, audio, pieces, length, longest} while something is recorded.
  let recording = null;
  let isAsking = false;

  const seconds = () => recording.length / recording.audio.sampleRate;

  const remark = (words) => document.dispatchEvent(new CustomEvent("attachments:remark", { detail: words }));

  const show = () => {
    const isOn = Boolean(recording);
    row().hidden = !isOn;
    const button = document.querySelector("[data-record]");
    if (button) button.disabled = isOn;
  };

  const hear = (piece) => {
    if (!recording) return;
    recording.pieces.push(piece);
    recording.length += piece.length;
    let peak = 0;
    for (const sample of piece) peak = Math.max(peak, Math.abs(sample));
    row().querySelector("progress").value = Math.sqrt(peak);
    const time = clock(seconds());
    const place = row().querySelector("[data-recorder-time]");
    if (place.textContent !== time) place.textContent = time;
    if (seconds() >= recording.longest) finish();
  };

  const start = async () => {
    if (recording || isAsking) return;
    if (!navigator.mediaDevices) return remark("Recording needs a page that is served by https.");
    isAsking = true;
    try {
      const stream = await navigator.mediaDevices.getUserMedia({ audio: { channelCount: 1 } });
      const audio = new AudioContext();
      const most = Number(document.getElementById("composer").dataset.mostBytes);
      const longest = Math.min(LONGEST_SECONDS, Math.floor((most - HEADER_BYTES) / RATE / BYTES_PER_SAMPLE));
      recording = { row: row(), stream, audio, pieces: [], length: 0, longest };
      await audio.audioWorklet.addModule(row().dataset.worklet);
      const listener = new AudioWorkletNode(audio, "recorder", { numberOfOutputs: 0, channelCount: 1, channelCountMode: "explicit" });
      listener.port.onmessage = ({ data }) => hear(data);
      audio.createMediaStreamSource(stream).connect(listener);
      await audio.resume();
      begun();
    } catch (error) {
      if (recording) release();
      remark(REFUSALS[error.name] ?? "The microphone could not be used.");
    } finally {
      isAsking = false;
    }
  };

  const begun = () => {
    row().querySelector("[data-recorder-time]").textContent = clock(0);
    row().querySelector("[data-recorder-longest]").textContent = clock(recording.longest);
    remark("");
    show();
    row().querySelector("[data-record-stop]").focus();
    announce("Recording.");
  };

  // The microphone is let go of at once: its lamp goes out.
  const release = () => {
    const { stream, audio } = recording;
    for (const track of stream.getTracks()) track.stop();
    audio.close();
    recording = null;
    show();
  };

  const cancel = () => {
    release();
    announce("The recording was thrown away.");
    document.getElementById("prompt").focus();
  };

  const joined = (pieces, length) => {
    const samples = new Float32Array(length);
    let at = 0;
    for (const piece of pieces) {
      samples.set(piece, at);
      at += piece.length;
    }
    return samples;
  };

  // The browser's own resampler, which filters what the lower rate cannot hold.
  const resampled = async (samples, rate) => {
    const whole = new OfflineAudioContext(1, Math.ceil((samples.length / rate) * RATE), RATE);
    const buffer = whole.createBuffer(1, samples.length, rate);
    buffer.copyToChannel(samples, 0);
    const source = new AudioBufferSourceNode(whole, { buffer });
    source.connect(whole.destination);
    source.start();
    return (await whole.startRendering()).getChannelData(0);
  };

  // The oldest form of the format, which everything reads: one head of 44 bytes, then the samples.
  const wav = (samples) => {
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

  const finish = async () => {
    const { pieces, length, audio } = recording;
    const { sampleRate } = audio;
    release();
    document.getElementById("prompt").focus();
    if (!length) return remark("Nothing was recorded.");
    const content = wav(await resampled(joined(pieces, length), sampleRate));
    const file = new File([content], `recording ${clock(Math.round(length / sampleRate)).replace(":", ".")}.wav`, { type: "audio/wav" });
    document.dispatchEvent(new CustomEvent("attachments:add", { detail: [file] }));
  };

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-record]")) start();
    else if (!recording) return;
    else if (event.target.closest("[data-record-stop]")) finish();
    else if (event.target.closest("[data-record-cancel]")) cancel();
  });

  // In the capture phase, before Escape means to stop an answer.
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Escape" || !recording || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      event.stopPropagation();
      cancel();
    },
    true,
  );

  // A new composer while the microphone is open: the row in it goes on where the last one was.
  document.addEventListener("htmx:load", (event) => {
    if (event.detail.elt.id !== "composer" || !recording || !row()) return;
    row().replaceWith(recording.row);
    show();
  });
})();
