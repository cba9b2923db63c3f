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
  // Which proposal stood there when the form was sent: it is written down beside what was chosen.
  place.addEventListener("beside", () => {
    const seen = form.elements.namedItem("category_seen");
    const button = place.querySelector("[data-seen]");
    if (seen) seen.value = button ? button.dataset.seen : "";
  });
})();
