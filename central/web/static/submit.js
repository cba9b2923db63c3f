// Handing in: the draft stays on this device until it is sent or cleared; files go in pieces and go on after a broken line.
(() => {
  "use strict";

  const DRAFT = "minyi:draft";
  const FILES = "minyi:uploads";
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const read = (name) => {
    try {
      return JSON.parse(localStorage.getItem(name) || "null");
    } catch {
      return null;
    }
  };
  const write = (name, value) => {
    try {
      localStorage.setItem(name, JSON.stringify(value));
    } catch {
      return; // a device that keeps nothing: the page works without
    }
  };
  const clear = () => {
    localStorage.removeItem(DRAFT);
    localStorage.removeItem(FILES);
  };

  const sent = document.querySelector("[data-draft-sent]");
  if (sent) {
    clear();
    return;
  }
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const step = form.dataset.step;
  const fields = () =>
    [...new FormData(form).entries()].filter(([name, value]) => typeof value === "string" && name !== "carry" && name !== "at");
  const kept = read(DRAFT);
  const offer = document.querySelector("[data-draft-offer]");
  let off = false;
  const keep = () => {
    if (!off) write(DRAFT, { carry: form.elements.carry.value, at: step, fields: fields(), id: form.dataset.draft });
  };

  // Loaded anew the page comes as it was before somebody typed: what this device kept of it is newer,
  // and what was typed into it before this script came over a slow line is newer still.
  const putBack = (pairs) => {
    const left = [...pairs];
    const take = (name, value) => {
      const at = left.findIndex(([each, words]) => each === name && (value === undefined || words === value));
      return at < 0 ? undefined : left.splice(at, 1)[0][1];
    };
    for (const field of form.querySelectorAll("input:not([type=hidden], [type=file]), textarea, select")) {
      if (field.type === "radio" || field.type === "checkbox") field.checked = take(field.name, field.value) !== undefined;
      else {
        const words = take(field.name);
        if (words !== undefined && field.value === (field.defaultValue ?? field.value)) field.value = words;
      }
    }
  };

  if (offer && kept && kept.id !== form.dataset.draft) {
    offer.hidden = false;
    off = true; // the one that is offered is not written over before somebody decides
    offer.querySelector("[data-draft-resume]").addEventListener("click", () => {
      const going = document.createElement("form");
      going.method = "post";
      going.action = "/submit";
      for (const [name, value] of [["carry", kept.carry], ["at", kept.at], ["go", "stay"], ...kept.fields.filter(([name]) => name !== "go")]) {
        const field = document.createElement("textarea");
        field.name = name;
        field.value = value;
        going.append(field);
      }
      going.hidden = true;
      document.body.append(going);
      going.submit();
    });
  } else {
    if (kept && kept.id === form.dataset.draft && kept.at === step) putBack(kept.fields);
    if (step !== "court") keep();
  }
  form.addEventListener("input", () => {
    off = false;
    keep();
  });
  for (const button of all("[data-draft-clear]")) {
    button.hidden = button.closest("[data-draft-offer]") ? false : step === "court" && !kept;
    button.addEventListener("click", () => {
      off = true;
      clear();
      location.assign("/submit");
    });
  }

  // ---- files in pieces

  const list = document.getElementById("sending");
  if (!list) return;
  const chooser = form.querySelector("input[type=file]");
  const PIECE = 256 * 1024;
  const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));
  const pause = (ms) =>
    new Promise((go) => {
      const timer = setTimeout(go, ms);
      addEventListener("online", () => (clearTimeout(timer), go()), { once: true });
    });
  const ask = async (line, address, options) => {
    for (let wait = 1000; ; wait = Math.min(wait * 2, 15000)) {
      try {
        const answer = await fetch(address, options());
        if (answer.status < 500) return answer;
      } catch {
        // The line is broken: say so, and try again.
      }
      line.words.textContent = list.dataset.waiting;
      await pause(wait);
    }
  };
  const offsetOf = async (line, at) => {
    const answer = await ask(line, at, () => ({ method: "HEAD", cache: "no-store" }));
    return answer.ok ? Number(answer.headers.get("Upload-Offset")) : -1;
  };
  const create = async (line, file) => {
    const answer = await ask(line, "/submit/uploads", () => ({
      method: "POST",
      headers: { "Tus-Resumable": "1.0.0", "Upload-Length": file.size, "Upload-Metadata": `filename ${base64(file.name)},drop ${base64(list.dataset.drop)}` },
    }));
    if (!answer.ok) throw new Error(await answer.text());
    return answer.headers.get("Location");
  };
  const begin = (file) => {
    const item = document.createElement("li");
    const name = document.createElement("span");
    const bar = document.createElement("progress");
    const words = document.createElement("span");
    const share = document.createElement("span");
    share.setAttribute("aria-hidden", "true"); // the bar says it; read aloud at every piece it would drown the page
    name.textContent = file.name + " ";
    bar.max = file.size;
    bar.value = 0;
    bar.setAttribute("aria-label", file.name);
    item.append(name, bar, words, share);
    list.append(item);
    return { item, bar, words, share };
  };
  // As the button that the server writes beside a file: sending the page with it takes the file away.
  const removal = (name, at) => {
    const button = document.createElement("button");
    const about = document.createElement("span");
    button.type = "submit";
    button.name = "go";
    button.value = `remove:${at.split("/").pop().replaceAll("-", "")}`;
    button.className = "button-plain";
    button.textContent = list.dataset.remove;
    about.className = "sr";
    about.textContent = ` ${name}`;
    button.append(about);
    return button;
  };
  const send = async (file) => {
    const line = begin(file);
    const key = [form.dataset.draft, file.name, file.size, file.lastModified].join("|");
    const known = read(FILES) || {};
    let at = known[key];
    let offset = at ? await offsetOf(line, at) : -1;
    try {
      if (offset < 0) {
        at = await create(line, file);
        offset = 0;
        write(FILES, { ...read(FILES), [key]: at });
      }
      while (offset < file.size) {
        line.bar.value = offset;
        if (line.words.textContent !== list.dataset.going) line.words.textContent = list.dataset.going;
        line.share.textContent = ` ${Math.floor((100 * offset) / file.size)}%`;
        const here = offset;
        const answer = await ask(line, at, () => ({
          method: "PATCH",
          headers: { "Tus-Resumable": "1.0.0", "Upload-Offset": here, "Content-Type": "application/offset+octet-stream" },
          body: file.slice(here, here + PIECE),
        }));
        if (answer.status === 409) offset = Number(answer.headers.get("Upload-Offset"));
        else if (answer.status === 204) offset = Number(answer.headers.get("Upload-Offset"));
        else throw new Error(answer.status === 422 ? await answer.text() : list.dataset.waiting);
      }
      line.bar.value = file.size;
      line.share.textContent = " ";
      line.words.textContent = list.dataset.sent;
      line.item.append(removal(file.name, at));
      return true;
    } catch (error) {
      const words = document.createElement("span");
      words.textContent = `${file.name}: ${error.message}`;
      line.item.replaceChildren(words);
      line.item.className = "problem";
      const left = read(FILES) || {};
      delete left[key];
      write(FILES, left);
      return false;
    }
  };
  // A page that the browser itself went back to does not name what was sent from it since.
  const named = new Set(all("#there button").map((button) => button.value.split(":")[1]));
  const recall = async (key, at) => {
    const parts = key.split("|");
    const [name, size] = [parts.slice(1, -2).join("|"), Number(parts.at(-2))];
    if (parts[0] !== form.dataset.draft || named.has(at.split("/").pop().replaceAll("-", ""))) return;
    const answer = await fetch(at, { method: "HEAD", cache: "no-store" });
    if (!answer.ok || Number(answer.headers.get("Upload-Offset")) !== size) return;
    const line = begin({ name, size });
    line.bar.value = size;
    line.words.textContent = list.dataset.sent;
    line.item.append(" ", removal(name, at));
  };
  for (const [key, at] of Object.entries(read(FILES) || {})) recall(key, at).catch(() => {});

  let busy = Promise.resolve();
  let open = 0;
  chooser.addEventListener("change", () => {
    for (const file of chooser.files) {
      open += 1;
      busy = busy.then(() => send(file)).then(() => (open -= 1));
    }
    chooser.value = "";
  });
  for (const button of all(".no-script-needed")) button.hidden = true;
  // Going on waits for the files that are still on their way.
  form.addEventListener("submit", (event) => {
    if (!open) return;
    event.preventDefault();
    const button = event.submitter;
    document.getElementById("sending-then").hidden = false;
    busy.then(() => form.requestSubmit(button));
  }, { capture: true });
})();
