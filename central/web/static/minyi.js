// Comfort for those who have it: keys, kept words, no form sent twice. Every page works without.
(() => {
  "use strict";

  const user = document.body.dataset.user || "";
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  const typing = (target) => target.closest && target.closest("input:not([type=checkbox], [type=radio]), textarea, select, dialog[open]");

  // ---- places on the page

  for (const back of all("[data-back]")) {
    if (history.length < 2) continue;
    back.hidden = false;
    back.addEventListener("click", () => history.back());
  }
  for (const button of all("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => print());
  }
  if (document.querySelector("[data-print-now]")) addEventListener("load", () => print());
  const printed = document.querySelector("form[data-printed]");
  if (printed) {
    addEventListener("beforeprint", () =>
      fetch(printed.action, { method: "POST", body: new URLSearchParams(new FormData(printed)), keepalive: true }),
    );
  }
  for (const opener of all("[data-open]")) {
    opener.addEventListener("click", () => document.getElementById(opener.dataset.open).showModal());
  }

  // Where a narrow screen stacks the cells of a row, each says under which head it stands: two names look alike.
  for (const table of all("table.rows")) {
    const heads = all("thead tr:last-child > *", table).map((head) => head.textContent.trim());
    for (const cell of all("tbody td", table)) {
      const head = heads[cell.cellIndex];
      if (head && cell.colSpan === 1 && !cell.querySelector("button, .button, input, select, .subject") && cell.textContent.trim()) cell.dataset.head = head;
    }
  }

  const summary = document.querySelector("[data-error-summary]");
  if (summary) summary.focus();

  const unfold = (target) => {
    const fold = target && target.closest("details");
    if (!fold) return;
    fold.open = true;
    fold.scrollIntoView({ block: "nearest" });
    const first = fold.querySelector("select, textarea, input:not([type=hidden]), button, a");
    if (first) first.focus();
  };
  const unfoldHash = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (target && target.matches("details.act")) unfold(target);
  };
  addEventListener("hashchange", unfoldHash);
  if (!summary) unfoldHash();
  document.addEventListener("click", (event) => {
    for (const menu of all("details.menu[open], details.user[open]")) {
      if (!menu.contains(event.target)) menu.open = false;
    }
    const link = event.target.closest('a[href^="#act-"]');
    if (link) unfold(document.getElementById(link.hash.slice(1)));
  });

  // ---- a form is sent once

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method === "dialog" || event.defaultPrevented) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    for (const button of all("button[type=submit]", form)) button.setAttribute("aria-disabled", "true");
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of all("form[data-sent]")) {
      delete form.dataset.sent;
      for (const button of all("[aria-disabled]", form)) button.removeAttribute("aria-disabled");
    }
  });

  // ---- words that were typed and not sent stay in this tab, for this person, until they are sent or signed out

  const place = (form) => `minyi:${user}:${form}`;
  const called = (field) => (field.type === "checkbox" ? `${field.name}=${field.value}` : field.name);
  const words = (form) =>
    Object.fromEntries(
      all("input:not([type=hidden], [type=file], [type=password]), textarea, select", form)
        .filter((field) => field.name && (field.type !== "radio" || field.checked))
        .map((field) => [called(field), field.type === "checkbox" ? String(field.checked) : field.value]),
    );
  const putBack = (form, kept) => {
    for (const field of all("input:not([type=hidden]), textarea, select", form)) {
      if (!(called(field) in kept)) continue;
      if (field.type === "checkbox") field.checked = kept[called(field)] === "true";
      else if (field.type === "radio") field.checked = kept[field.name] === field.value;
      else field.value = kept[field.name];
    }
  };
  const forget = (name) => sessionStorage.removeItem(place(name));

  for (const done of all("[data-kept-done]")) forget(done.dataset.keptDone);
  for (const form of all("form[data-keep]")) {
    const name = form.dataset.keep;
    const kept = sessionStorage.getItem(place(name));
    const notice = document.querySelector("[data-keep-notice]");
    // What petitioners typed after a refusal is newer than what came back with it; no script of theirs fills in fields.
    if (kept && (!summary || document.body.matches(".petitioner")) && kept !== JSON.stringify(words(form))) {
      putBack(form, JSON.parse(kept));
      if (notice) {
        notice.hidden = false;
        notice.querySelector("[data-keep-discard]").addEventListener("click", () => {
          forget(name);
          location.replace(location.href);
        });
      }
    }
    form.addEventListener("input", () => sessionStorage.setItem(place(name), JSON.stringify(words(form))));
  }
  for (const form of all("form[data-forget]")) form.addEventListener("submit", () => {
    sessionStorage.clear();
    if (!user) return; // a petitioner who leaves one petition may have another one begun on this device
    // Drafts as draft.js keeps them.
    for (const name of Object.keys(localStorage)) if (name.startsWith("minyi:")) localStorage.removeItem(name);
  });

  // ---- keys

  const rows = all("[data-rows] [data-row]");
  let chosen = -1;
  const choose = (step) => {
    if (!rows.length) return;
    if (chosen >= 0) rows[chosen].classList.remove("is-chosen");
    chosen = Math.min(Math.max(chosen + step, 0), rows.length - 1);
    rows[chosen].classList.add("is-chosen");
    rows[chosen].querySelector("a").focus();
  };
  const help = document.getElementById("keys");
  const GO = { t: "/today", r: "/register", p: "/petitions", i: "/inbox" };
  let going = false;

  const pressed = {
    j: () => choose(1),
    k: () => choose(-1),
    "/": () => document.querySelector("[data-find]")?.focus(),
    "?": () => help && (help.open ? help.close() : help.showModal()),
    g: () => {
      going = true;
      setTimeout(() => (going = false), 1500);
    },
  };

  const go = (key) => {
    const link = GO[key] && document.querySelector(`.nav-list a[href="${GO[key]}"]`);
    going = false;
    if (link) link.click();
    return Boolean(link);
  };

  // A browser cuts what is pasted at the limit of the field and says nothing.
  document.addEventListener("input", ({ target }) => {
    const { full } = document.body.dataset;
    if (!full || target.tagName !== "TEXTAREA" || target.maxLength < 0) return;
    let said = target.nextElementSibling;
    if (!said || !said.matches("[data-full-said]")) {
      said = document.createElement("p");
      said.className = "problem";
      said.dataset.fullSaid = "";
      said.setAttribute("role", "status");
      target.after(said);
    }
    const words = target.value.length < target.maxLength ? "" : full.replace("N", target.maxLength);
    if (said.textContent !== words) said.textContent = words;
  });

  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = event.target.closest && event.target.closest("form");
      if (form) form.requestSubmit();
      return;
    }
    if (!user || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (going && go(event.key)) return event.preventDefault();
    const act = /^[1-9]$/.test(event.key) && all("details.act")[event.key - 1];
    const linked = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (act) unfold(act);
    else if (linked) linked.click();
    else if (pressed[event.key]) pressed[event.key]();
    else return;
    event.preventDefault();
  });
})();
