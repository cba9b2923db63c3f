import { $, body, fill, follow, post, swap, valuesOf } from "/static/live.js";

let offset = 0;
let busy = false;

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

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-act]")) return;
  event.preventDefault();
  if (busy) return;
  busy = true;
  say("");
  try {
    const answer = await post(form.getAttribute("action"), valuesOf(form, event.submitter));
    if (answer.status === 401) location.reload();
    else if (!answer.ok) say(answer.data.message);
  } catch (error) {
    say(String(error.message ?? error));
  } finally {
    busy = false;
  }
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey) return;
  document.querySelector(`[data-shortcut="${CSS.escape(event.key.toLowerCase())}"]`)?.click();
});

follow(`/live/counter/${body.dataset.counter}`, (state) => {
  offset = new Date(state.at) - Date.now();
  swap($("main"), state.html);
  waits();
});
setInterval(waits, 10000);
waits();
