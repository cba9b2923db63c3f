// Passkeys: a form with data-passkey-create or data-passkey-get holds the server's options as JSON; the browser's answer goes into
// its field `credential`, and the form is sent as any other. Without this script the other second factors are there.
(() => {
  "use strict";

  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const listed = (list) => (list || []).map((each) => ({ ...each, id: bytes(each.id) }));

  const create = async (options) => {
    const user = { ...options.user, id: bytes(options.user.id) };
    const asked = { ...options, user, challenge: bytes(options.challenge), excludeCredentials: listed(options.excludeCredentials) };
    const made = await navigator.credentials.create({ publicKey: asked });
    return shown(made, { attestationObject: text(made.response.attestationObject) });
  };

  const get = async (options) => {
    const asked = { ...options, challenge: bytes(options.challenge), allowCredentials: listed(options.allowCredentials) };
    const made = await navigator.credentials.get({ publicKey: asked });
    return shown(made, {
      authenticatorData: text(made.response.authenticatorData),
      signature: text(made.response.signature),
      userHandle: made.response.userHandle ? text(made.response.userHandle) : null,
    });
  };

  const shown = (made, response) => ({
    id: made.id,
    rawId: text(made.rawId),
    type: made.type,
    clientExtensionResults: made.getClientExtensionResults(),
    response: { ...response, clientDataJSON: text(made.response.clientDataJSON) },
  });

  for (const form of document.querySelectorAll("form[data-passkey-create], form[data-passkey-get]")) {
    const button = form.querySelector("[data-passkey-start]");
    const failed = form.querySelector("[data-passkey-failed]");
    if (!window.PublicKeyCredential) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (!form.reportValidity()) return;
      failed.hidden = true;
      button.setAttribute("aria-disabled", "true");
      try {
        const { passkeyCreate, passkeyGet } = form.dataset;
        const answer = passkeyCreate ? await create(JSON.parse(passkeyCreate)) : await get(JSON.parse(passkeyGet));
        form.elements.credential.value = JSON.stringify(answer);
        form.requestSubmit();
      } catch {
        failed.hidden = false;
      } finally {
        button.removeAttribute("aria-disabled");
      }
    });
  }
})();
