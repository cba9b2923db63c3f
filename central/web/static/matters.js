// Petitions that may be of the same matter: beside the form while a letter is typed in, and on a petition's page. Nothing waits for them.
(() => {
  "use strict";

  // A piece of a page that comes after it: the page does not wait for what is looked for in all petitions.
  for (const piece of document.querySelectorAll("[data-piece]")) {
    fetch(piece.dataset.piece)
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((text) => (piece.innerHTML = text))
      .catch(() => {});
  }

  const place = document.querySelector("[data-matters]");
  const form = document.querySelector('form[data-keep="register"], form[data-keep^="/scans/"]');
  if (!place || !form) return;
  const NAMES = ["csrf", "subject", "text", "demands", "phone", "id_number", "case_numbers"];
  const PAUSE = 900;
  let timer = 0;
  let asked = "";
  let running = null;

  const words = () => {
    const made = new URLSearchParams();
    for (const name of NAMES) {
      const field = form.elements.namedItem(name);
      if (field && field.value) made.set(name, field.value);
    }
    return made;
  };

  const ask = async () => {
    const body = words();
    if (body.toString() === asked) return;
    asked = body.toString();
    if (running) running.abort();
    running = new AbortController();
    try {
      const answer = await fetch(place.dataset.matters, { method: "POST", body, signal: running.signal });
      if (answer.ok) place.innerHTML = await answer.text();
    } catch {
      // Off line or asked anew: the form goes on without.
    }
  };

  form.addEventListener("input", (event) => {
    if (!NAMES.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  if (words().size > 1) timer = setTimeout(ask, PAUSE);
})();
