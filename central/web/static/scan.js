// What was read in a letter waits in grey: Enter takes it over, Tab passes it by. The place on the page shows while a field has the focus.
(() => {
  "use strict";

  const side = document.querySelector("[data-scan]");
  if (!side) return;
  const form = document.querySelector("form.form");
  const waiting = new Map();
  for (const button of side.querySelectorAll("[data-target]")) {
    const field = button.dataset.target ? form.elements.namedItem(button.dataset.target) : null;
    if (!field) continue;
    if (!waiting.has(field)) waiting.set(field, []);
    waiting.get(field).push(button);
    button.addEventListener("click", () => {
      field.focus();
      take(field, button);
    });
  }

  const show = (button) => {
    for (const mark of side.querySelectorAll(".scan-mark")) mark.setAttribute("width", "0");
    if (!button) return;
    const picture = side.querySelector(`[data-page-picture="${button.dataset.page}"]`);
    if (!picture) return;
    const [left, top, width, height] = button.dataset.box.split(" ").map(Number);
    const mark = picture.querySelector(".scan-mark");
    for (const [name, value] of [["x", left - 8], ["y", top - 8], ["width", width + 16], ["height", height + 16]]) mark.setAttribute(name, String(value));
    mark.scrollIntoView({ block: "nearest" });
  };

  const grey = (field) => {
    const next = (waiting.get(field) || [])[0];
    field.placeholder = next ? next.dataset.value : "";
    field.classList.toggle("is-proposed", Boolean(next) && field.value === "");
  };

  const take = (field, button) => {
    const left = waiting.get(field).filter((each) => each !== button);
    waiting.set(field, left);
    const several = field.tagName === "TEXTAREA" && field.value.trim() !== "";
    field.value = several ? `${field.value.trimEnd()}\n${button.dataset.value}` : button.dataset.value;
    button.disabled = true;
    field.dispatchEvent(new Event("input", { bubbles: true }));
    grey(field);
    show(left[0] || button);
  };

  const onward = (field) => {
    const all = [...form.querySelectorAll("input:not([type=hidden]), select, textarea, button")].filter((each) => each.offsetParent !== null);
    const next = all[all.indexOf(field) + 1];
    if (next) next.focus();
  };

  for (const field of waiting.keys()) {
    grey(field);
    const fold = field.closest("details");
    if (fold) fold.open = true;
    field.addEventListener("focus", () => show((waiting.get(field) || [])[0]));
    field.addEventListener("input", () => grey(field));
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey || event.isComposing) return;
      const next = (waiting.get(field) || [])[0];
      const open = field.value === "" || (field.tagName === "TEXTAREA" && field.selectionStart === field.value.length);
      if (next && open) {
        event.preventDefault();
        take(field, next);
        if (!waiting.get(field).length) onward(field);
      } else if (field.tagName !== "TEXTAREA") {
        event.preventDefault();
        onward(field);
      }
    });
  }

  const text = form.elements.namedItem("text");
  const lines = [...side.querySelectorAll("[data-unread]")];
  lines.forEach((line, at) => {
    line.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.isComposing || !line.value.trim()) return;
      event.preventDefault();
      text.value = text.value.trim() ? `${text.value.trimEnd()}\n${line.value.trim()}` : line.value.trim();
      text.dispatchEvent(new Event("input", { bubbles: true }));
      line.readOnly = true;
      (lines[at + 1] || text).focus();
    });
  });
})();
