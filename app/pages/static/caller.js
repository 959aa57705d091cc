// The caller: login at this service or at an external issuer, logout, and calls in the caller's name.

import { call } from "./api.js";
import { fetchToken } from "./oidc.js";
import { element } from "./page.js";
import { forgetCaller, keep, token } from "./session.js";

let login = new AbortController(); // Aborted when the user logs out, so that no late response reaches the next user.

/** Logs in with the e-mail address and the password of the form. */
export async function logIn() {
  const body = { email: element("email").value, password: element("password").value };
  const { data } = await call("POST", "/auth/login", { body });
  await enter(data.token);
}

/** Logs in with the code that the external issuer added to the address of the page. */
export async function logInByCode() {
  await enter(await fetchToken());
}

async function enter(received) {
  const { data } = await call("GET", "/auth/me", { token: received });
  keep("token", received);
  keep("name", data.name ?? data.email ?? data.sub);
  keep("employee", data.sub);
  keep("permissions", data.permissions.join(" "));
}

/** Calls the API as the user who has logged in. Throws an AbortError if the user logs out before the response. */
export async function callAsUser(method, path, options = {}) {
  const { signal } = login;
  try {
    return await call(method, path, { ...options, token: token(), signal });
  } finally {
    signal.throwIfAborted();
  }
}

/** Forgets the caller and everything that belongs to them. */
export function leave() {
  login.abort();
  login = new AbortController();
  forgetCaller();
}
