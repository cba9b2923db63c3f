// A draft keeps itself: in this browser at once, at the server soon after. The page works without.
(() => {
  "use strict";

  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const one = (selector, from = document) => from.querySelector(selector);
  const csrf = () => one('input[name="csrf"]').value;
  // Browsers take at most 64 kB from a page that goes; more waits in this browser.
  const MOST = 60_000;
  const post = (url, body) => {
    const sent = new URLSearchParams({ csrf: csrf(), ...body });
    return fetch(url, { method: "POST", body: sent, redirect: "manual", keepalive: sent.toString().length < MOST });
  };

  const people = one("[data-people]");
  const showPeople = (said) => {
    if (typeof said !== "string" || one("span", people).textContent.trim() === said) return;
    one("span", people).textContent = said;
    people.hidden = !said;
  };

  // ---- a sign of life, so that others see who is here

  const BEAT = 15_000;
  const beat = (petition, writes) => {
    const say = async () => {
      if (document.hidden) return;
      try {
        const answer = await post(`/petitions/${petition}/draft/here`, { writes: writes ? "1" : "0" });
        if (answer.ok) showPeople((await answer.json()).people);
      } catch {
        // The line is gone: keeping says so.
      }
    };
    say();
    setInterval(say, BEAT);
  };

  // ---- an approver's selection becomes the passage of a remark

  const reading = one("[data-reading]");
  if (reading) {
    beat(reading.dataset.reading, false);
    document.addEventListener("selectionchange", () => {
      const chosen = getSelection();
      const node = chosen.anchorNode;
      const from = node && (node.nodeType === Node.ELEMENT_NODE ? node : node.parentElement).closest("[data-passage]");
      const words = String(chosen).replace(/\s+/g, " ").trim();
      // Three clicks end at the beginning of the next paragraph: what counts is where the words stand.
      if (!from || !words || !from.textContent.replace(/\s+/g, " ").includes(words)) return;
      one('[name="place"]', reading).value = from.dataset.passage;
      one('[name="quote"]', reading).value = words.slice(0, 500);
    });
  }

  const form = one("form[data-draft]");
  if (!form) return;
  const petition = form.dataset.draft;
  const newest = Number(form.dataset.newest);
  const basedOn = form.dataset.basedOn;
  const place = `minyi:draft:${document.body.dataset.user}:${petition}`;
  const WEEK = 7 * 24 * 3600 * 1000;
  const fields = () => all("textarea, input[type=radio]", form);
  const state = one("[data-state]");
  beat(petition, true);

  const words = () => {
    const found = {};
    for (const field of fields()) if (field.type !== "radio" || field.checked) found[field.name] = field.value;
    return found;
  };
  const text = (found) => JSON.stringify(Object.entries(found).map(([name, value]) => [name, value.replace(/\r\n/g, "\n")]).sort());
  const say = (said, warning = false) => {
    state.textContent = said;
    state.classList.toggle("is-warning", warning);
  };
  const said = (name, values = {}) =>
    Object.entries(values).reduce((sentence, [key, value]) => sentence.replace(`{${key}}`, value), form.dataset[name]);

  // ---- the copy in this browser

  const readLocal = () => {
    try {
      return JSON.parse(localStorage.getItem(place));
    } catch {
      return null;
    }
  };
  const storeLocal = (more = {}) => {
    try {
      localStorage.setItem(place, JSON.stringify({ words: words(), at: Date.now(), newest, ...more }));
    } catch {
      // Full or forbidden: the server's copy is there all the same.
    }
  };
  const dropLocal = () => localStorage.removeItem(place);

  const putBack = (kept) => {
    for (const field of fields()) {
      if (field.type === "radio") field.checked = kept[field.name] === field.value;
      else if (field.name in kept) field.value = kept[field.name];
    }
    changed();
  };

  const offer = () => {
    const local = readLocal();
    if (!local) return;
    const old = Date.now() - local.at > WEEK || (local.sent && newest > local.newest);
    if (old || text(local.words) === text(words())) return dropLocal();
    const notice = one("[data-local]");
    const sentence = one("[data-said]", notice);
    const at = new Date(local.at).toLocaleString(document.documentElement.lang, { month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai" });
    sentence.textContent = sentence.dataset.said.replace("{at}", at);
    notice.hidden = false;
    one("[data-put-back]", notice).addEventListener("click", () => {
      notice.hidden = true;
      putBack(local.words);
    });
    one("[data-drop]", notice).addEventListener("click", () => {
      notice.hidden = true;
      dropLocal();
    });
  };

  // ---- keeping at the server

  let dirty = false;
  let sending = false;
  let stopped = false;
  let timer = 0;
  let left = false;
  let away = false;
  const LATER = { typed: 2000, line: 5000, signedOut: 10_000 };
  const soon = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(keep, wait);
  };

  const renewToken = async () => {
    // Signed in again in another window: this page's token belongs to the session before.
    const answer = await fetch(location.pathname, { redirect: "manual" });
    const field = answer.ok && one('input[name="csrf"]', new DOMParser().parseFromString(await answer.text(), "text/html"));
    if (!field || field.value === csrf()) return false;
    for (const each of all('input[name="csrf"]')) each.value = field.value;
    return true;
  };

  const failed = (name, wait) => {
    say(said(name), true);
    soon(wait);
  };

  const refused = async (answer) => {
    if (answer.status === 403 && (await renewToken())) return soon(0);
    if (answer.type === "opaqueredirect" || answer.status === 401 || answer.status === 403) return failed("signedOut", LATER.signedOut);
    if (answer.status !== 409) return failed("offline", LATER.line);
    const told = await answer.json();
    stopped = true;
    say(said("stopped", { why: told.why }), true);
    if (told.kind === "elsewhere") elsewhere(told);
  };

  const elsewhere = (told) => {
    const notice = one("[data-elsewhere]");
    one("[data-why]", notice).textContent = told.why;
    one("[data-changes]", notice).innerHTML = told.html;
    notice.hidden = false;
    one("[data-keep-mine]", notice).onclick = () => {
      notice.hidden = true;
      form.elements.revision.value = told.revision;
      stopped = false;
      keep();
    };
    one("[data-take-other]", notice).onclick = () => {
      left = true;
      dropLocal();
      location.reload();
    };
    notice.scrollIntoView({ block: "nearest" });
  };

  const body = () => ({ ...words(), revision: form.elements.revision.value, based_on: basedOn });

  const keep = async () => {
    clearTimeout(timer);
    if (!dirty || sending || stopped || left) return;
    const before = text(words());
    sending = true;
    say(said("typing"));
    try {
      const answer = await post(`/petitions/${petition}/draft/keep`, body());
      away = false;
      if (!answer.ok) return await refused(answer);
      const told = await answer.json();
      form.elements.revision.value = told.revision;
      say(told.said);
      showPeople(told.people);
      if (told.newer) {
        one("[data-newer] span").textContent = told.newer;
        one("[data-newer]").hidden = false;
      }
      if (text(words()) === before) {
        dirty = false;
        dropLocal();
      } else soon(LATER.typed);
    } catch {
      away = true;
      failed("offline", LATER.line);
    } finally {
      sending = false;
    }
  };

  const changed = () => {
    dirty = true;
    storeLocal();
    show();
    if (!stopped) soon(LATER.typed);
  };
  form.addEventListener("input", changed);
  form.addEventListener("focusout", keep);
  addEventListener("online", keep);

  const leave = () => {
    if (!dirty || left || stopped) return;
    storeLocal();
    post(`/petitions/${petition}/draft/keep`, body()).catch(() => {});
  };
  addEventListener("pagehide", leave);
  form.addEventListener("submit", (event) => {
    if (event.defaultPrevented) return;
    if (away || !navigator.onLine) {
      // Sent now, the browser's own page of a lost line would take the place of the words.
      event.preventDefault();
      dirty = true;
      failed("offline", 0);
      return;
    }
    // Should the line break now, the words are still here.
    storeLocal({ sent: true });
    left = true;
  });
  addEventListener("pageshow", (event) => {
    if (event.persisted) left = false;
  });
  for (const each of all("form[data-forget]")) {
    // Signing out leaves nothing in this browser: what is not kept yet goes to the server first.
    each.addEventListener("submit", () => {
      if (dirty && !stopped) post(`/petitions/${petition}/draft/keep`, body()).catch(() => {});
      left = true;
    });
  }
  for (const each of all("form[data-drop-local]")) each.addEventListener("submit", dropLocal);

  // ---- templates and phrases, where the cursor is

  const texts = Object.fromEntries(all("[data-texts] [data-text]").map((each) => [each.dataset.text, each.dataset]));
  let active = form.elements.text;
  form.addEventListener("focusin", (event) => {
    if (event.target.tagName === "TEXTAREA") active = event.target;
  });
  const PLACE = /【(?!\d+】)[^【】\n]{1,40}】/;
  const forAnswer = (given, answer) => {
    if (!answer) return given;
    const names = { 诉求: one("[data-demand]", answer).textContent, demand: one("[data-demand]", answer).textContent, 诉求序号: answer.dataset.number, "demand number": answer.dataset.number };
    return given.replace(/【([^【】\n]{1,40})】/g, (whole, name) => names[name.trim().toLowerCase()] ?? whole);
  };
  const insertAt = (field, given) => {
    const from = field.selectionStart;
    field.setRangeText(given, from, field.selectionEnd, "end");
    field.focus();
    const open = given.search(PLACE);
    if (open >= 0) field.setSelectionRange(from + open, from + open + given.match(PLACE)[0].length);
    field.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const insert = (key, field) => {
    const found = texts[key];
    if (!found || !field) return;
    const answer = field.closest("[data-answer]");
    insertAt(field, forAnswer(found.words, answer));
    if (!answer || found.sort !== "item") return;
    const basis = form.elements[`basis-${answer.dataset.answer}`];
    if (!basis.value.trim()) basis.value = found.basis;
    const radios = all("input[type=radio]", answer);
    if (!radios.some((each) => each.checked)) for (const each of radios) each.checked = each.value === found.outcome;
    changed();
  };
  for (const button of all("[data-insert]")) {
    button.type = "button";
    button.addEventListener("click", () => {
      const answer = button.closest("[data-answer]");
      const field = answer ? (active && answer.contains(active) ? active : form.elements[`facts-${answer.dataset.answer}`]) : form.elements.text;
      insert(one("[data-choose]", button.parentElement).value, field);
    });
  }
  const phrases = all("[data-phrase]");
  for (const button of phrases) button.addEventListener("click", () => insert(button.dataset.phrase, active));
  one("[data-phrases]").hidden = false;
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || !/^Digit[1-9]$/.test(event.code)) return;
    const button = phrases[Number(event.code.slice(5)) - 1];
    if (!button) return;
    event.preventDefault();
    insert(button.dataset.phrase, active);
  });
  for (const button of all("[data-take]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      for (const field of all(`[name="${CSS.escape(button.dataset.take)}"]`, form)) {
        if (field.type === "radio") field.checked = field.value === button.dataset.words;
        else field.value = button.dataset.words;
      }
      changed();
    });
  }

  // ---- checks and preview follow what is written

  const checks = one("[data-checks]");
  const show = () => {
    const found = words();
    for (const target of all("[data-preview]")) {
      const name = target.dataset.preview;
      if (!name.startsWith("outcome-")) target.textContent = found[name] || target.dataset.none || "";
      else target.textContent = one(`[name="${CSS.escape(name)}"]:checked`, form)?.dataset.opinion || target.dataset.none;
    }
    for (const line of all("[data-check]", checks)) {
      const id = line.dataset.check;
      const missing = ["outcome", "facts", "basis"].filter((part) => !(found[`${part}-${id}`] || "").trim());
      const open = [...new Set((`${found[`facts-${id}`]}\n${found[`basis-${id}`]}`.match(new RegExp(PLACE, "g")) || []))];
      const first = missing.length ? checks.dataset.open + missing.map((part) => checks.dataset[part]).join(checks.dataset.comma) : open.length ? "" : checks.dataset.complete;
      one("[data-said]", line).textContent = `${first} ${open.length ? checks.dataset.unfilled.replace("{left}", open.join("")) : ""}`.trim();
      line.classList.toggle("is-open", Boolean(missing.length || open.length));
      line.classList.toggle("is-met", !missing.length && !open.length);
      one("use", line).setAttribute("href", missing.length || open.length ? checks.dataset.iconOpen : checks.dataset.iconOk);
    }
  };

  say(state.dataset.idle);
  offer();
})();
