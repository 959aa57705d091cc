// Login at an external issuer: the authorization code flow with PKCE (RFC 6749, RFC 7636, RFC 9207) of a public client.

import { ApiError } from "./api.js";
import { forget, keep, recall } from "./session.js";

const issuer = JSON.parse(document.documentElement.dataset.oidc);
const page = `${location.origin}${location.pathname}`;

/** Opens the login page of the issuer. It returns to this page with a code in the address. */
export async function openLogin() {
  const verifier = random();
  const state = random();
  keep("verifier", verifier);
  keep("state", state);
  keep("hash", location.hash);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
  const url = new URL(issuer.authorization);
  const query = {
    response_type: "code", client_id: issuer.client, redirect_uri: page, scope: issuer.scope, state,
    code_challenge: toBase64Url(new Uint8Array(digest)), code_challenge_method: "S256", ...resource(),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  location.assign(url);
}

/** Returns whether the address of the page has the answer of the issuer. */
export const hasAnswer = () => Boolean(issuer) && new URLSearchParams(location.search).has("state");

/** Exchanges the code in the address for an access token, and removes it from the address. Throws ApiError: 401 if the
 *  answer is not for a login of this window or the issuer refuses, 0 if the issuer does not answer. */
export async function fetchToken() {
  const answer = Object.fromEntries(new URLSearchParams(location.search));
  const [verifier, state] = [recall("verifier"), recall("state")];
  history.replaceState(null, "", location.pathname + (recall("hash") ?? ""));
  forget("verifier", "state", "hash");
  if (!state || answer.state !== state || !answer.code) throw new ApiError(401, answer.error ?? "not this login");
  const body = new URLSearchParams({
    grant_type: "authorization_code", code: answer.code, redirect_uri: page, client_id: issuer.client,
    code_verifier: verifier, ...resource(),
  });
  const response = await fetch(issuer.token, { method: "POST", body }).catch(() => null);
  if (!response) throw new ApiError(0, "no response");
  const { access_token: token } = await response.json().catch(() => ({}));
  if (!response.ok || !token) throw new ApiError(401, "refused");
  return token;
}

const resource = () => (issuer.resource ? { resource: issuer.resource } : {});

const random = () => toBase64Url(crypto.getRandomValues(new Uint8Array(32)));

const toBase64Url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
