// A part of a page that waits for something ([data-watch] with data-waits): asked for again until it waits no longer.
// Without a script the page asks by itself. All words come from the server.
(() => {
  "use strict";

  const SOON = 2_000;
  const LATER = 10_000;
  const EAGER = 120_000;
  const began = Date.now();

  const look = async (part) => {
    const answer = document.hidden ? null : await fetch(location.pathname, { headers: { Accept: "text/html" } }).catch(() => null);
    if (answer && answer.ok && !answer.redirected) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
      const next = fresh.querySelector(`[data-watch="${part.dataset.watch}"]`);
      if (next) {
        // The same again is not read out again.
        if (part.innerHTML !== next.innerHTML) part.innerHTML = next.innerHTML;
        if (!("waits" in next.dataset)) return;
      }
    }
    setTimeout(() => look(part), Date.now() - began < EAGER ? SOON : LATER);
  };

  for (const part of document.querySelectorAll("[data-watch][data-waits]")) setTimeout(() => look(part), SOON);
})();
