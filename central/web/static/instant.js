// Results while somebody types on a worklist. Without script the form leads to the search page.
(() => {
  "use strict";

  const WAIT = 250;
  for (const form of document.querySelectorAll("form[data-instant]")) {
    const field = form.querySelector("input[name=q]");
    const place = form.parentElement.querySelector("[data-instant-results]");
    let timer = 0;
    let asked = null;

    const clear = () => {
      place.replaceChildren();
      place.hidden = true;
    };
    const ask = async () => {
      if (asked) asked.abort();
      if (!field.value.trim()) return clear();
      asked = new AbortController();
      const query = new URLSearchParams(new FormData(form));
      try {
        const answer = await fetch(`${form.dataset.instant}?${query}`, { signal: asked.signal });
        if (!answer.ok || answer.redirected) return;
        place.innerHTML = await answer.text();
        place.hidden = !place.textContent.trim();
      } catch (error) {
        if (error.name !== "AbortError") clear();
      }
    };
    field.addEventListener("input", (event) => {
      clearTimeout(timer);
      if (event.isComposing) return;
      timer = setTimeout(ask, WAIT);
    });
    field.addEventListener("compositionend", () => {
      clearTimeout(timer);
      timer = setTimeout(ask, WAIT);
    });
    field.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      field.value = "";
      clear();
    });
  }
})();
