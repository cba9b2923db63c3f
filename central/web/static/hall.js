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
  const FIRST_WAIT = 2_000;
  const LONGEST_WAIT = 60_000;
  const REFRESH = 250;

  // ---- what is shown

  const title = document.title;
  const list = region.appendChild(document.createElement("div"));
  const notice = region.appendChild(document.createElement("div"));
  let heard = Date.now();
  let cutWords = "";
  let newest = "";

  const show = (place, html) => {
    // The same again is not read out again.
    if (place.dataset.shown === html) return;
    place.dataset.shown = html;
    place.innerHTML = html;
  };

  const shown = {
    beat: () => {
      heard = Date.now();
      document.body.classList.remove("is-hall-cut");
      show(notice, "");
    },
    calls: (data) => {
      const told = JSON.parse(data);
      shown.beat();
      newest = data;
      cutWords = told.cut;
      show(list, told.html);
      document.title = told.open ? `(${told.open}) ${title}` : title;
      document.body.classList.toggle("is-hall-calling", told.open > 0);
      // What happened between the page's making and the stream's beginning.
      if (board && told.seq > Number(board.dataset.hallSeq)) freshen();
    },
    hall: () => {
      shown.beat();
      freshen();
    },
    cut: () => {
      document.body.classList.add("is-hall-cut");
      if (cutWords) show(notice, cutWords);
      else if (document.body.dataset.hallCut) notice.textContent = document.body.dataset.hallCut;
    },
    ask: () => source && newest && pass("calls", newest),
  };

  // ---- one stream for all pages of this browser: it allows few connections at a time, and each page would take one

  const channel = window.BroadcastChannel ? new BroadcastChannel(`minyi${stream}`) : null;
  const pass = (kind, data) => channel && channel.postMessage({ kind, data });
  const tell = (kind, data = "") => {
    shown[kind](data);
    pass(kind, data);
  };
  if (channel) channel.addEventListener("message", ({ data }) => shown[data.kind](data.data));

  let source = null;
  let wait = FIRST_WAIT;
  let lost = 0;

  const well = (kind) => (event) => {
    clearTimeout(lost);
    lost = 0;
    wait = FIRST_WAIT;
    tell(kind, event.data || "");
  };

  const open = () => {
    if (source) source.close();
    source = new EventSource(stream);
    source.addEventListener("open", well("beat"));
    for (const kind of ["beat", "calls", "hall"]) source.addEventListener(kind, well(kind));
    source.addEventListener("error", () => {
      if (!lost) lost = setTimeout(() => tell("cut"), PATIENCE);
      // Closed for good (signed out, server gone): the browser no longer tries, so we do.
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(open, wait);
      wait = Math.min(wait * 2, LONGEST_WAIT);
    });
  };

  setInterval(() => {
    if (Date.now() - heard < SILENCE) return;
    heard = Date.now();
    shown.cut();
    if (source) open();
  }, 5_000);

  if (navigator.locks && channel) {
    pass("ask");
    // Held until this page is left; then another page of the browser takes over.
    navigator.locks.request(`minyi${stream}`, () => new Promise(open));
  } else {
    // Without locks each page has its own stream, but only while somebody can see it.
    const look = () => {
      if (!document.hidden) open();
      else if (source) source.close();
    };
    document.addEventListener("visibilitychange", look);
    look();
  }

  // ---- answering from the alarm: the stream brings the result; without a script the form posts as any other

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || !form.matches("[data-hall-answer]")) return;
    event.preventDefault();
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    try {
      const body = new URLSearchParams(new FormData(form));
      const answer = await fetch(form.action, { method: "POST", body, redirect: "manual" });
      if (answer.type !== "opaqueredirect" && !answer.ok) location.assign("/hall#calls");
    } catch {
      for (const button of buttons) button.disabled = false;
      shown.cut();
    }
  });

  // ---- the page of the hall: each part is replaced, unless somebody is typing in it

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
    board.dataset.hallSeq = fresh.querySelector("[data-hall-board]").dataset.hallSeq;
    for (const part of board.querySelectorAll("[data-hall-part]")) {
      const next = fresh.querySelector(`[data-hall-part="${part.dataset.hallPart}"]`);
      if (!next) continue;
      if (busy(part)) stale = true;
      else part.innerHTML = next.innerHTML;
    }
  };

  function freshen() {
    if (board && !due) due = setTimeout(replace, REFRESH);
  }

  if (board) board.addEventListener("focusout", () => stale && freshen());
})();
