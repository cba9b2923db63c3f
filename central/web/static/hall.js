// The hall of one's court on every staff page: lights the alarm, answers a call, keeps the page of the hall fresh.
// Needs <body data-hall-stream="/hall/events"> and <div id="hall-calls">. All words come from the server.
(() => {
  "use strict";

  const stream = document.body.dataset.hallStream;
  const region = document.getElementById("hall-calls");
  if (!stream || !region || !window.EventSource) return;

  // The server speaks every 15 seconds; whoever hears nothing for longer is cut off, whatever the browser believes.
  const SILENCE = 40_000;
  const PATIENCE = 3_000;
  const LONGEST_WAIT = 60_000;
  const REFRESH = 250;

  const title = document.title;
  const list = region.appendChild(document.createElement("div"));
  const notice = region.appendChild(document.createElement("div"));
  let source = null;
  let heard = Date.now();
  let wait = 2_000;
  let lastId = "";
  let cutWords = "";
  let lost = 0;

  const html = (place, text) => {
    if (place.dataset.shown === text) return;
    place.dataset.shown = text;
    place.innerHTML = text;
  };

  const cut = () => {
    lost = 0;
    document.body.classList.add("is-hall-cut");
    if (cutWords) html(notice, cutWords);
    else if (document.body.dataset.hallCut) notice.textContent = document.body.dataset.hallCut;
  };

  const well = () => {
    heard = Date.now();
    wait = 2_000;
    clearTimeout(lost);
    lost = 0;
    document.body.classList.remove("is-hall-cut");
    html(notice, "");
  };

  const calls = (event) => {
    well();
    const told = JSON.parse(event.data);
    cutWords = told.cut;
    html(list, told.html);
    document.title = told.open ? `(${told.open}) ${title}` : title;
    document.body.classList.toggle("is-hall-calling", told.open > 0);
  };

  const open = () => {
    if (source) source.close();
    heard = Date.now();
    source = new EventSource(stream);
    source.addEventListener("open", well);
    source.addEventListener("beat", well);
    source.addEventListener("calls", calls);
    source.addEventListener("hall", (event) => {
      well();
      if (event.lastEventId !== lastId) freshen();
      lastId = event.lastEventId;
    });
    source.addEventListener("error", () => {
      if (!lost) lost = setTimeout(cut, PATIENCE);
      // Closed for good (signed out, server gone): the browser no longer tries, so we do.
      if (source.readyState === EventSource.CLOSED) {
        setTimeout(open, wait);
        wait = Math.min(wait * 2, LONGEST_WAIT);
      }
    });
  };

  setInterval(() => {
    if (Date.now() - heard < SILENCE) return;
    cut();
    open();
  }, 5_000);

  // Answering from the alarm: the stream brings the result. Without a script the form posts as any other.
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-hall-answer]")) return;
    event.preventDefault();
    for (const button of form.querySelectorAll("button")) button.disabled = true;
    try {
      const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual" });
      if (answer.type !== "opaqueredirect" && !answer.ok) location.assign("/hall#calls");
    } catch {
      for (const button of form.querySelectorAll("button")) button.disabled = false;
      cut();
    }
  });

  // The page of the hall: each part is replaced, unless somebody is typing in it.
  const board = document.querySelector("[data-hall-board]");
  let due = 0;
  let stale = false;

  const busy = (part) =>
    [...part.querySelectorAll("input:not([type=hidden]), textarea")].some(
      (input) => input === document.activeElement || input.value !== input.defaultValue,
    );

  const replace = async () => {
    due = 0;
    stale = false;
    const answer = await fetch(location.pathname, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const part of board.querySelectorAll("[data-hall-part]")) {
      const next = fresh.querySelector(`[data-hall-part="${part.dataset.hallPart}"]`);
      if (!next) continue;
      if (busy(part)) stale = true;
      else part.innerHTML = next.innerHTML;
    }
  };

  const freshen = () => {
    if (board && !due) due = setTimeout(replace, REFRESH);
  };

  if (board) board.addEventListener("focusout", () => stale && freshen());
  addEventListener("pagehide", () => source && source.close());
  addEventListener("pageshow", (event) => event.persisted && open());
  open();
})();
