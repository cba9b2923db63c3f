// Follows one screen of the box: whole states with a rising number, a beat in between, reconnecting by itself.

const SILENT_MS = 12000;
const AGAIN_MS = 2000;

export const body = document.body;
export const $ = (id) => document.getElementById(id);
export const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
// The courts' time, whatever zone the screen's own machine is set to.
const courtTime = new Intl.DateTimeFormat("zh-CN", { timeZone: "Asia/Shanghai", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
export const hours = (date) => courtTime.format(date);

let lastHeard = new Date();

// Whatever came from the box just now: the page is as it should be.
export function heard() {
  lastHeard = new Date();
  $("stale").hidden = true;
}

export function follow(path, onState, { restartable = () => true } = {}) {
  let run = null;
  let version = -1;
  const connect = () => {
    const source = new EventSource(path);
    source.addEventListener("beat", heard);
    source.onmessage = (message) => {
      heard();
      const state = JSON.parse(message.data);
      if (run !== null && run !== state.run && restartable()) { location.reload(); return; }
      if (run === state.run && state.version < version) return;
      run = state.run;
      version = state.version;
      onState(state);
    };
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return;
      setTimeout(async () => {
        const answer = await fetch(path, { headers: { accept: "application/json" }, signal: AbortSignal.timeout(3000) }).catch(() => null);
        answer?.body?.cancel();
        if (answer && (answer.status === 401 || answer.status === 404)) location.reload();
        else connect();
      }, AGAIN_MS);
    };
  };
  connect();
}

setInterval(() => {
  if (new Date() - lastHeard < SILENT_MS) return;
  $("stale").textContent = fill(body.dataset.stale, { time: hours(lastHeard) });
  $("stale").hidden = false;
}, 1000);

// Replaces a region and keeps what somebody is typing or about to press in it.
export function swap(region, html) {
  if (region.dataset.html === html) return;
  const typed = new Map([...region.querySelectorAll("input[id]")].map((one) => [one.id, one.value]));
  const open = [...region.querySelectorAll("details[open][id]")].map((one) => one.id);
  const chosen = new Map([...region.querySelectorAll("select[id]")].map((one) => [one.id, one.value]));
  const active = document.activeElement;
  const held = region.contains(active) ? { id: active.id, key: active.dataset.shortcut } : null;
  region.innerHTML = html;
  region.dataset.html = html;
  for (const [id, value] of typed) if ($(id)) $(id).value = value;
  for (const id of open) if ($(id)) $(id).open = true;
  for (const [id, value] of chosen) if ($(id)) $(id).value = value;
  if (held?.id) $(held.id)?.focus();
  else if (held?.key) region.querySelector(`[data-shortcut="${held.key}"]`)?.focus();
  // What had the focus may be gone with its act: whoever works by keyboard goes on here, not at the top of the page.
  if (held && !region.contains(document.activeElement)) {
    region.tabIndex = -1;
    region.focus({ preventScroll: true });
  }
}

export async function post(path, values) {
  const answer = await fetch(path, {
    method: "POST",
    headers: { accept: "application/json", "content-type": "application/json" },
    body: JSON.stringify(values),
    signal: AbortSignal.timeout(10000),
  });
  return { ok: answer.ok, status: answer.status, data: await answer.json() };
}

export const valuesOf = (form, pressed) => {
  const values = Object.fromEntries(new FormData(form));
  if (pressed?.name) values[pressed.name] = pressed.value;
  return values;
};

export function showTime() {
  const now = $("now");
  if (!now) return;
  const tell = () => { now.textContent = hours(new Date()); };
  tell();
  setInterval(tell, 5000);
}
