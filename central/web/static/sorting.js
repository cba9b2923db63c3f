// Proposals beside the form of registration, and those of a petition's page: a press or its key puts a value into a field. Nothing goes by itself.
(() => {
  "use strict";

  const form = document.querySelector('form[data-keep="register"], form[data-keep^="/scans/"]');
  const place = document.querySelector("[data-sorting]");

  const put = (field, value) => {
    field.value = value;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
    field.scrollIntoView({ block: "center" });
  };

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-take], [data-fill]");
    if (!button) return;
    if (button.dataset.take && form) {
      const field = form.elements.namedItem(button.dataset.take);
      if (field) put(field, button.dataset.takeValue);
      return;
    }
    const act = document.getElementById(button.dataset.fill);
    const field = act && act.querySelector(`[name="${CSS.escape(button.dataset.fillField)}"]`);
    if (!field) return;
    act.open = true;
    put(field, button.dataset.fillValue);
  });

  // While one types, a letter alone is a letter: Alt goes with it, as on every browser and keyboard.
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey) return;
    const button = place && place.querySelector(`[data-alt="${CSS.escape(event.code)}"]`);
    if (!button) return;
    event.preventDefault();
    button.click();
  });

  if (!place || !form) return;
  const NAMES = ["csrf", "subject", "text", "case_numbers", "category", "kind"];
  const PAUSE = 700;
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

  // Which proposal stood there when the form was sent: it is written down beside what was chosen.
  const note = () => {
    const seen = form.elements.namedItem("category_seen");
    const button = place.querySelector("[data-seen]");
    if (seen) seen.value = button ? button.dataset.seen : "";
  };

  const ask = async () => {
    const body = words();
    if (body.toString() === asked) return;
    asked = body.toString();
    if (running) running.abort();
    running = new AbortController();
    try {
      const answer = await fetch(place.dataset.sorting, { method: "POST", body, signal: running.signal });
      if (answer.ok) place.innerHTML = await answer.text();
      note();
    } catch {
      // Off line or asked anew: the form goes on without.
    }
  };

  form.addEventListener("input", (event) => {
    if (!NAMES.includes(event.target.name)) return;
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  });
  if (form.elements.namedItem("subject").value || form.elements.namedItem("text").value) timer = setTimeout(ask, PAUSE);
})();
