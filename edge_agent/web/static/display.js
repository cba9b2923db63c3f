import { $, body, fill, follow, showTime, swap } from "/static/live.js";

let known = null;
const turn = []; // announcements wait for each other: a second one never cuts the first
let speaking = false;

function chime() {
  try {
    const sound = new AudioContext();
    [[880, 0], [660, 0.35]].forEach(([pitch, at]) => {
      const tone = sound.createOscillator();
      const level = sound.createGain();
      tone.frequency.value = pitch;
      level.gain.setValueAtTime(0.2, sound.currentTime + at);
      level.gain.exponentialRampToValueAtTime(0.001, sound.currentTime + at + 0.6);
      tone.connect(level).connect(sound.destination);
      tone.start(sound.currentTime + at);
      tone.stop(sound.currentTime + at + 0.6);
    });
    setTimeout(() => sound.close(), 1500);
  } catch { /* a display without sound still flashes */ }
}

function speak(one, done) {
  const text = fill(body.dataset.speak, { number: one.number.split("").join(" "), counter: one.counter });
  if (!window.speechSynthesis?.getVoices().length) { setTimeout(done, 1500); return; }
  const words = new SpeechSynthesisUtterance(text);
  words.lang = "zh-CN";
  words.onend = words.onerror = done;
  speechSynthesis.speak(words);
}

function announce() {
  if (speaking || !turn.length) return;
  speaking = true;
  const one = turn.shift();
  const latest = $("latest");
  latest.classList.remove("flash");
  void latest.offsetWidth; // restart the flash
  latest.classList.add("flash");
  chime();
  setTimeout(() => speak(one, () => { speaking = false; announce(); }), 900);
}

follow("/live/display", (state) => {
  swap($("main"), state.html);
  if (known) turn.push(...state.called.filter((one) => !known.has(one.call)).reverse());
  known = new Set([...(known ?? []), ...state.called.map((one) => one.call)]);
  announce();
});
showTime();
