import { $, body, heard, post, swap, valuesOf } from "/static/live.js";

const HERE = `/counter/${body.dataset.counter}/paper`;
const BEAT_MS = 350;
const REST_MS = 2000;
let busy = false;

function say(text) {
  $("said").textContent = text;
  $("said").hidden = !text;
}

// One look, one picture, then the next: a slow line gets fewer pictures, never a queue of them.
async function look() {
  let wait = BEAT_MS;
  try {
    const answer = await fetch(`${HERE}/look`, { headers: { accept: "application/json" }, signal: AbortSignal.timeout(8000) });
    if (answer.status === 401) location.reload();
    const seen = await answer.json();
    heard();
    $("seen").textContent = seen.said ?? seen.message ?? "";
    $("seen").classList.toggle("good", seen.good === true);
    const corners = seen.corners ?? [];
    document.querySelector("#outline polygon").setAttribute("points", corners.map(([x, y]) => `${x},${y}`).join(" "));
    if (seen.frame) await shown(`${HERE}/frame.jpg?n=${seen.frame}`);
    else wait = REST_MS;
  } catch {
    wait = REST_MS;
  }
  if (document.hidden) document.addEventListener("visibilitychange", look, { once: true });
  else setTimeout(look, wait);
}

function shown(path) {
  return new Promise((done) => {
    const next = new Image();
    next.onload = () => { $("frame").src = path; done(); };
    next.onerror = done;
    next.src = path;
  });
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-paper]")) return;
  event.preventDefault();
  if (busy) return; // a page pressed twice is one page
  busy = true;
  say("");
  $("press").setAttribute("aria-busy", "true");
  try {
    const answer = await post(form.getAttribute("action"), valuesOf(form, event.submitter));
    if (answer.status === 401) location.reload();
    else if (!answer.ok) say(answer.data.message);
    else swap($("kept"), answer.data.html);
  } catch (error) {
    say(String(error.message ?? error));
  } finally {
    busy = false;
    $("press").removeAttribute("aria-busy");
  }
});

// A page opened large: Escape and the button close it, the focus goes back to where it was; without a script the link is a page.
const large = $("large");

function zoom(on) {
  $("large-zoom").setAttribute("aria-pressed", String(on));
  large.classList.toggle("zoomed", on);
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-large]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  $("large-title").textContent = link.dataset.title;
  $("large-picture").src = link.dataset.large;
  $("large-picture").alt = link.dataset.title;
  zoom(false);
  large.showModal();
});
$("large-close").addEventListener("click", () => large.close());
$("large-zoom").addEventListener("click", () => zoom(!large.classList.contains("zoomed")));
large.addEventListener("close", () => $("large-picture").removeAttribute("src"));

document.addEventListener("keydown", (event) => {
  if (large.open || event.target.matches("input") || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
  const found = [...document.querySelectorAll(`[data-shortcut="${CSS.escape(event.key.toLowerCase())}"]`)];
  found.at(-1)?.click();
});

look();
