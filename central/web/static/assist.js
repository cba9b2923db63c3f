// Writing together in the hall: what is typed is kept with every pause, both screens follow. Everything works without, by reloading.
(() => {
  "use strict";

  const EVERY = 2000;
  const get = async (address) => {
    const answer = await fetch(address, { cache: "no-store", redirect: "error" });
    if (!answer.ok) throw new Error(String(answer.status));
    return answer.text();
  };

  // ---- the clerk's side

  const form = document.querySelector("form[data-assist]");
  const side = document.querySelector("[data-assist-side]");
  if (form && side) {
    let timer = 0;
    const keep = async () => {
      const body = new URLSearchParams([...new FormData(form).entries(), ["go", "keep"]]);
      try {
        await fetch(form.dataset.assist, { method: "POST", body, redirect: "manual" });
      } catch {
        timer = setTimeout(keep, EVERY);
      }
    };
    form.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(keep, 600);
    });
    form.addEventListener("submit", () => clearTimeout(timer));
    const follow = async () => {
      try {
        const text = await get(`${form.dataset.assist}/side`);
        if (text.trim() !== side.dataset.last) {
          side.dataset.last = text.trim();
          side.innerHTML = text;
        }
      } catch {
        // The next look says.
      }
      setTimeout(follow, EVERY);
    };
    setTimeout(follow, EVERY);
  }

  // ---- the visitor's side

  const part = document.querySelector("[data-screen]");
  if (part) {
    const cut = document.querySelector("[data-screen-cut]");
    const version = () => part.querySelector("[data-version]")?.dataset.version;
    const follow = async () => {
      try {
        const text = await get(part.dataset.screen);
        const fresh = document.createElement("div");
        fresh.innerHTML = text;
        cut.hidden = true;
        const typing = part.querySelector("details[open] textarea");
        const changed = fresh.querySelector("[data-version]")?.dataset.version !== version();
        if (changed && !(typing && typing.value)) part.replaceChildren(...fresh.childNodes);
      } catch {
        cut.hidden = false;
      }
      if (!part.querySelector("[data-screen-end]")) setTimeout(follow, EVERY);
    };
    setTimeout(follow, EVERY);
  }
})();
