// What the server finds beside a page: pieces that come after it, and what it says to a form while it is filled in. Nothing waits for them.
(() => {
  "use strict";

  // A piece of a page that comes after it: the page does not wait for what is looked for in all petitions.
  for (const piece of document.querySelectorAll("[data-piece]")) {
    fetch(piece.dataset.piece)
      .then((answer) => (answer.ok ? answer.text() : ""))
      .then((text) => (piece.innerHTML = text))
      .catch(() => {});
  }

  const form = document.querySelector('form[data-keep="register"], form[data-keep^="/scans/"]');
  if (!form) return;
  const PAUSE = 800;

  const follow = (place) => {
    const address = place.dataset[place.dataset.beside];
    const names = place.dataset.names.split(" ");
    let timer = 0;
    let asked = "";
    let running = null;

    const words = () => {
      const made = new URLSearchParams();
      for (const name of ["csrf", ...names]) {
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
        const answer = await fetch(address, { method: "POST", body, signal: running.signal });
        if (answer.ok) place.innerHTML = await answer.text();
        place.dispatchEvent(new Event("beside"));
      } catch {
        // Off line or asked anew: the form goes on without.
      }
    };

    form.addEventListener("input", (event) => {
      if (!names.includes(event.target.name)) return;
      clearTimeout(timer);
      timer = setTimeout(ask, PAUSE);
    });
    const isTyped = (name) => form.elements.namedItem(name)?.value && form.elements.namedItem(name).type !== "select-one";
    if (names.some(isTyped)) timer = setTimeout(ask, PAUSE);
  };

  for (const place of document.querySelectorAll("[data-beside]")) follow(place);
})();
