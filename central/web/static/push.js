// Notifications of calls for help on this device: allows them by one press, and marks the device in the list of those that do.
// Without a script, or where the browser has no push, the page says what it needs. All words come from the server.
(() => {
  "use strict";

  const form = document.querySelector("form[data-push-allow]");
  if (!form || !window.isSecureContext || !navigator.serviceWorker || !window.PushManager || !window.Notification) return;
  const offer = form.querySelector("[data-push-offer]");
  const said = document.querySelector("[data-push-said]");
  const { pushKey, pushWorker, pushDenied, pushFailed, pushDone } = form.dataset;

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const digest = async (text) =>
    [...new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))]
      .map((each) => each.toString(16).padStart(2, "0"))
      .join("");

  const say = (words) => {
    said.textContent = words;
  };

  const subscribed = async () => {
    const known = await navigator.serviceWorker.getRegistration(pushWorker);
    return known ? known.pushManager.getSubscription() : null;
  };

  // A device can be subscribed only to a worker that is active, which a new one is not at once.
  const active = (registration) =>
    new Promise((done, failed) => {
      if (registration.active) return done(registration);
      const worker = registration.installing || registration.waiting;
      worker.addEventListener("statechange", () => {
        if (worker.state === "activated") done(registration);
        if (worker.state === "redundant") failed(new Error(worker.state));
      });
    });

  const show = async () => {
    document.querySelector("[data-push-unable]").hidden = true;
    const found = await subscribed();
    const mine = found ? document.querySelector(`[data-push-device="${await digest(found.endpoint)}"]`) : null;
    if (mine) mine.querySelector("[data-push-this]").hidden = false;
    offer.hidden = Boolean(mine);
  };

  const ask = async () => {
    if ((await Notification.requestPermission()) !== "granted") return pushDenied;
    const registration = await active(await navigator.serviceWorker.register(pushWorker));
    let found = await registration.pushManager.getSubscription();
    const key = bytes(pushKey);
    // Made for another key of the server it would never be told anything.
    const same = found && new Uint8Array(found.options.applicationServerKey || []).join() === key.join();
    if (found && !same) {
      await found.unsubscribe();
      found = null;
    }
    found ||= await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    const body = new URLSearchParams(new FormData(form));
    const { endpoint, keys } = found.toJSON();
    body.set("endpoint", endpoint);
    body.set("p256dh", keys.p256dh);
    body.set("auth", keys.auth);
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    if (answer.ok) return "";
    const told = await answer.json().catch(() => ({}));
    return told.problem || pushFailed;
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = offer.querySelector("button");
    if (button.getAttribute("aria-disabled")) return;
    button.setAttribute("aria-disabled", "true");
    say("");
    try {
      const problem = await ask();
      say(problem || pushDone);
      if (!problem) {
        sessionStorage.setItem("minyi-push", pushDone);
        location.assign("/hall#push");
        location.reload();
      }
    } catch {
      say(pushFailed);
    } finally {
      button.removeAttribute("aria-disabled");
    }
  });

  // Said once more on the page loaded anew, on which the device stands in the list.
  const before = sessionStorage.getItem("minyi-push");
  if (before) {
    sessionStorage.removeItem("minyi-push");
    say(before);
    said.focus();
  }
  show().catch(() => say(pushFailed));
})();
