import { $, body, fill, follow, post, showTime, swap, valuesOf } from "/static/live.js";
import { hush, speak } from "/static/sound.js";

const idleMs = body.dataset.idle * 1000;
const warnMs = body.dataset.warn * 1000;
const holdMs = Number(body.dataset.hold);
const steps = [...document.querySelectorAll("[data-step]")];
const code = $("code-field");
let touched = Date.now();
let shownId; // what was held up and is shown already
let nonce = "";
let busy = false;
let aloud = false; // somebody asked to have the screens read
let calling = false; // a press for help has not reached the box yet: the page stays until it has

function setSize(size) {
  document.documentElement.className = `size-${size}`;
  for (const one of document.querySelectorAll("[data-size]")) one.setAttribute("aria-pressed", one.dataset.size === String(size));
}

function words(name) {
  const ticket = document.querySelector("#result-body [data-ticket]")?.dataset.ticket;
  const why = document.querySelector("#refused-body [data-why]")?.dataset.why;
  if (name === "result") return ticket && `ticket/${ticket}`;
  if (name === "refused") return why && `refused/${why}`;
  return name && `step/${name}`;
}

function read(name) {
  const path = aloud && words(name);
  if (path) speak(`/speech/${path}.wav?lang=${document.documentElement.lang}`);
  else hush();
}

function setAloud(on) {
  aloud = on;
  $("speak")?.setAttribute("aria-pressed", on);
  read(step());
}

// The next visitor begins in the hall's language, at the usual size, in silence.
function forget() {
  setSize(1);
  if (aloud) setAloud(false);
  if (calling || document.documentElement.lang === body.dataset.language) return;
  document.cookie = "minyi_language=; max-age=0; path=/; samesite=strict";
  location.replace("/");
}

const newNonce = () => {
  nonce = [...crypto.getRandomValues(new Uint8Array(16))].map((n) => n.toString(16).padStart(2, "0")).join("");
};
const step = () => steps.find((one) => !one.hidden)?.id;

function show(name) {
  for (const one of steps) one.hidden = one.id !== name;
  body.dataset.at = name;
  if (name !== "result" && name !== "refused") newNonce();
  if (name === "start") code.value = "";
  $("foot-help").hidden = name === "help";
  document.querySelector(`#${name} h1`)?.focus({ preventScroll: true });
  window.scrollTo(0, 0);
  touched = Date.now();
  read(name);
}

function tell(data) {
  if (data.ticket) { swap($("result-body"), data.html); show("result"); refresh(); }
  else { $("refused-body").innerHTML = data.html; show("refused"); }
}

async function refresh() { // the slip is printed, or it is not: the visitor must know
  const ticket = document.querySelector("#result-body [data-ticket]")?.dataset.ticket;
  const answer = ticket && await fetch(`/ticket/${ticket}/told`, { headers: { accept: "application/json" } }).catch(() => null);
  if (answer?.ok && step() === "result") swap($("result-body"), (await answer.json()).html);
}

function troubled(sentence) {
  $("refused-body").replaceChildren($("trouble").content.cloneNode(true));
  document.querySelector("#refused-body h1").textContent = body.dataset.trouble;
  document.querySelector("#refused-body .sentence").textContent = sentence;
  show("refused");
}

async function send(form, pressed) {
  if (busy) return;
  busy = true;
  body.classList.add("busy");
  try {
    // The same nonce is sent again when an answer is lost: the box gives one number for it.
    const values = { ...valuesOf(form, pressed), nonce };
    const answer = await post(form.getAttribute("action"), values).catch(() => post(form.getAttribute("action"), values));
    if (answer.ok) tell(answer.data);
    else troubled(answer.data.message);
  } catch {
    troubled(body.dataset.outOfOrder);
  } finally {
    busy = false;
    body.classList.remove("busy");
  }
}

document.addEventListener("click", (event) => {
  const go = event.target.closest("[data-go]");
  if (go) { event.preventDefault(); show(go.dataset.go); }
  const size = event.target.closest("[data-size]");
  if (size) setSize(size.dataset.size);
  if (event.target.closest("#speak")) setAloud(!aloud);
  const key = event.target.closest("[data-key]");
  if (!key) return;
  code.value = key.dataset.key === "delete" ? code.value.slice(0, -1) : (code.value + key.dataset.key).slice(0, 10);
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.matches("[data-act]")) { event.preventDefault(); send(form, event.submitter); }
  if (form.matches("[data-hold]")) event.preventDefault();
});

// A box that starts anew is back within seconds: who presses is told at once that nobody was called, and is called for all the same.
const HELP_MS = 60000;

async function callHelp() {
  const pressed = Date.now();
  touched = pressed;
  if (calling) { troubled(body.dataset.helpFailed); return; }
  let failed = false;
  while (Date.now() - pressed < HELP_MS) {
    const answer = await post("/help", {}).catch(() => null);
    if (answer?.ok) {
      if (failed) show("start");
      read("called");
      break;
    }
    if (!failed) troubled(body.dataset.helpFailed);
    if (answer) break;
    calling = failed = true;
    await new Promise((done) => { setTimeout(done, 1000); });
  }
  if (failed) calling = false;
}

for (const form of document.querySelectorAll("[data-hold]")) {
  const button = form.querySelector("button");
  let timer = null;
  const begin = () => {
    if (timer) return;
    button.classList.add("held");
    timer = setTimeout(() => { cancel(); callHelp(); }, holdMs);
  };
  const cancel = () => { clearTimeout(timer); timer = null; button.classList.remove("held"); };
  button.addEventListener("pointerdown", begin);
  for (const end of ["pointerup", "pointerleave", "pointercancel", "blur", "keyup"]) button.addEventListener(end, cancel);
  button.addEventListener("keydown", (event) => { if (["Enter", " "].includes(event.key)) { event.preventDefault(); begin(); } });
  button.addEventListener("contextmenu", (event) => event.preventDefault());
  // A screen reader's press has no duration.
  button.addEventListener("click", (event) => { if (event.detail === 0 && !event.pointerType) callHelp(); });
}

for (const kind of ["pointerdown", "keydown", "input"]) {
  document.addEventListener(kind, () => { touched = Date.now(); if ($("still").open) $("still").close(); }, true);
}
$("still-here").addEventListener("click", () => $("still").close());

setInterval(() => {
  const idle = Date.now() - touched;
  if (step() === "start" && idle >= idleMs) forget();
  if (step() === "start" || idle < warnMs) return;
  if (idle >= idleMs) { $("still").close(); show("start"); forget(); return; }
  $("seconds-left").textContent = Math.ceil((idleMs - idle) / 1000);
  if (!$("still").open) $("still").showModal();
}, 500);

follow("/live/kiosk", (state) => {
  swap($("banner"), state.html);
  $("out-of-order").hidden = !state.out_of_order;
  for (const one of document.querySelectorAll("[data-waiting]")) {
    one.textContent = fill(body.dataset.people, { count: state.waiting[one.dataset.waiting] });
  }
  const held = state.held_up;
  if (held && shownId !== undefined && held.id !== shownId) tell(held);
  else if (step() === "result") refresh();
  shownId = held ? held.id : shownId ?? null;
}, { restartable: () => step() === "start" && !calling });

body.classList.add("scripted");
show(step() ?? "start");
showTime();
