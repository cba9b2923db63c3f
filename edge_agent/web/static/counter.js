import { $, body, fill, follow, post, swap, valuesOf } from "/static/live.js";
import { chime } from "/static/sound.js";

let offset = 0;
let heard = null; // calls for help that sounded here
let sending = "";
let line = Promise.resolve();

function say(text) {
  $("said").textContent = text;
  $("said").hidden = !text;
}

function waits() {
  for (const one of document.querySelectorAll("[data-since]")) {
    const minutes = Math.max(0, Math.floor((Date.now() + offset - new Date(one.dataset.since)) / 60000));
    one.textContent = fill(body.dataset.minutes, { minutes });
  }
}

// The new state may be on the screen before the answer to the act that made it: another act waits in line behind the one
// under way, only the same act pressed twice is one.
async function act(action, values) {
  say("");
  try {
    const answer = await post(action, values);
    if (answer.status === 401) location.reload();
    else if (!answer.ok) say(answer.data.message);
  } catch (error) {
    say(String(error.message ?? error));
  }
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-act]")) return;
  event.preventDefault();
  const action = form.getAttribute("action");
  const values = valuesOf(form, event.submitter);
  const pressed = JSON.stringify([action, values]);
  if (sending === pressed) return;
  sending = pressed;
  line = line.then(() => act(action, values)).finally(() => {
    if (sending === pressed) sending = "";
  });
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
  document.querySelector(`[data-shortcut="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
});

follow(`/live/counter/${body.dataset.counter}`, (state) => {
  offset = new Date(state.at) - Date.now();
  swap($("main"), state.html);
  const calling = state.calls.filter((call) => call.status === "raised").map((call) => `${call.id}/${call.circle}`);
  if (calling.some((call) => !heard?.has(call))) chime("help");
  heard = new Set(calling);
  waits();
});
setInterval(waits, 10000);
waits();
