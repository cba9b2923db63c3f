import { $, body, fill, follow, showTime, swap } from "/static/live.js";
import { chime, speak } from "/static/sound.js";

let known = null;
const turn = []; // announcements wait for each other: a second one never cuts the first
let speaking = false;

const times = Number(body.dataset.times);
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

function browserSpeaks(one) { // where the box has no voice
  if (!window.speechSynthesis?.getVoices().length) return pause(1500);
  const text = fill(body.dataset.speak, { number: one.number.split("").join(" "), counter: one.counter });
  const words = new SpeechSynthesisUtterance(text);
  words.lang = "zh-CN";
  return new Promise((done) => {
    words.onend = words.onerror = done;
    speechSynthesis.speak(words);
  });
}

async function once(one, languages) {
  const latest = $("latest");
  latest.classList.remove("flash");
  void latest.offsetWidth; // restart the flash
  latest.classList.add("flash");
  chime("call");
  await pause(900);
  for (const lang of languages) {
    const heard = body.dataset.voice && await speak(`/speech/call/${one.call.split("/")[0]}.wav?lang=${lang}`);
    if (!heard) { await browserSpeaks(one); return; }
  }
}

async function announce() {
  if (speaking) return;
  speaking = true;
  while (turn.length) {
    const one = turn.shift();
    for (let time = 1; time <= times; time += 1) await once(one, time === times ? ["zh-CN", "en"] : ["zh-CN"]);
  }
  speaking = false;
}

follow("/live/display", (state) => {
  swap($("main"), state.html);
  if (known) turn.push(...state.called.filter((one) => !known.has(one.call)).reverse());
  known = new Set([...(known ?? []), ...state.called.map((one) => one.call)]);
  announce();
});
showTime();
