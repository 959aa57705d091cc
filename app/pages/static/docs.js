// The documentation page: search, login, and forms that send a request, show it as curl, and show the response.

import { filterBy } from "./filter.js";

const tokenField = document.getElementById("token");
// The prefix of the service, relative to this file: empty unless it is mounted below a path.
const PREFIX = new URL("..", import.meta.url).pathname.replace(/\/$/, "");
const SHOWN_HEADERS = ["retry-after", "allow", "www-authenticate", "idempotent-replayed", "x-request-id"];

/** Returns the URL and the request that a form describes. Empty fields are not sent. */
function buildRequest(form) {
  const { method } = form.dataset;
  const headers = new Headers();
  const query = new URLSearchParams();
  let path = PREFIX + form.dataset.path;
  let body = null;
  for (const field of form.querySelectorAll("[data-in]")) {
    const { value, name } = field;
    if (field.dataset.in === "path") path = path.replace(`{${name}}`, encodeURIComponent(value));
    else if (field.dataset.in === "body") body = value;
    else if (value && field.dataset.in === "query") query.append(name, value);
    else if (value) headers.set(name, value);
  }
  if (body !== null) headers.set("Content-Type", "application/json");
  if ("secured" in form.dataset && tokenField.value) headers.set("Authorization", `Bearer ${tokenField.value.trim()}`);
  return [query.size ? `${path}?${query}` : path, { method, headers, body }];
}

/** Returns the request of a form as a command for a shell. The token is a variable, so that it is not copied. */
function toCommand(form) {
  const [url, { method, headers, body }] = buildRequest(form);
  const quote = (text) => `'${text.replaceAll("'", "'\\''")}'`;
  if (headers.has("Authorization")) headers.delete("Authorization");
  const parts = [`curl -X ${method} ${quote(location.origin + url)}`];
  if ("secured" in form.dataset) parts.push('-H "Authorization: Bearer $TOKEN"');
  for (const [name, value] of headers) parts.push(`-H ${quote(`${name}: ${value}`)}`);
  if (body !== null) parts.push(`-d ${quote(body)}`);
  return parts.join(" \\\n  ");
}

const drawCommand = (form) => { form.querySelector(".curl").textContent = toCommand(form); };

/** Sends the request of a form unless it is already being sent. The button stays enabled, so that it keeps the focus. */
async function send(form) {
  const button = form.querySelector("button");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  const output = form.querySelector(".response");
  const [line, body] = output.children;
  output.hidden = false;
  line.textContent = "Sending…";
  body.hidden = true;
  const started = performance.now();
  try {
    const [url, request] = buildRequest(form);
    const response = await fetch(url, request);
    const text = await readText(response, (soFar) => Object.assign(body, { textContent: soFar, hidden: false }));
    const headers = SHOWN_HEADERS.filter((name) => response.headers.has(name)).map(
      (name) => `${name}: ${response.headers.get(name)}`,
    );
    const ms = Math.round(performance.now() - started);
    line.textContent = [`${response.status} ${response.statusText}`.trim(), `${ms} ms`, ...headers].join(" · ");
    body.textContent = formatJson(text);
    body.hidden = !text;
    output.dataset.ok = response.ok;
    if (response.ok) carryId(text);
  } catch (error) {
    line.textContent = `No response: ${error.message}. Check that the service is running, and try again.`;
    output.dataset.ok = false;
  } finally {
    button.setAttribute("aria-disabled", "false");
  }
}

/** Returns the text of a response. For an event stream, calls `show` with the text so far as it arrives. */
async function readText(response, show) {
  if (!response.headers.get("Content-Type")?.startsWith("text/event-stream")) return response.text();
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) show((text += part.value));
  return text;
}

let carried = sessionStorage.getItem("docs-interview") ?? "";

/** Puts the interview of a response into every form that still has the example, nothing, or the interview before. */
function carryId(text) {
  const data = parse(text)?.data;
  const id = data?.interview_id ?? data?.id_interview ?? data?.[0]?.id_interview;
  if (!id || id === carried) return;
  fillId(id);
  carried = id;
  sessionStorage.setItem("docs-interview", id);
}

function fillId(id) {
  for (const field of document.querySelectorAll("[data-in=path][name=interview_id]")) {
    if (!field.value || field.value === carried) field.value = id;
  }
  for (const field of document.querySelectorAll("[data-in=body]")) {
    const known = [carried, /"interview_id": "([^"]*)"/.exec(field.defaultValue)?.[1]];
    const written = /"interview_id": "([^"]*)"/.exec(field.value)?.[1];
    if (written && known.includes(written)) field.value = field.value.replace(written, id);
  }
  document.querySelectorAll("form[data-path]").forEach(drawCommand);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function formatJson(text) {
  const value = parse(text);
  return value === null ? text : JSON.stringify(value, null, 2);
}

async function fetchToken({ email, password }) {
  const status = document.getElementById("access-status");
  status.textContent = "Requesting a token…";
  try {
    const headers = { "Content-Type": "application/json" };
    const response = await fetch(`${PREFIX}/api/v1/auth/login`, { method: "POST", headers, body: JSON.stringify({ email, password }) });
    const { data, message, errors } = await response.json();
    if (!response.ok) throw new Error(errors?.[0]?.error ?? message);
    tokenField.value = data.token;
    saveToken();
    status.textContent = `Token of ${email}, valid for ${Math.round(data.expires_in / 60)} minutes.`;
  } catch (error) {
    status.textContent = `Could not get a token: ${error.message}. Try again.`;
  }
}

function saveToken() {
  sessionStorage.setItem("docs-token", tokenField.value);
}

tokenField.value = sessionStorage.getItem("docs-token") ?? "";
tokenField.addEventListener("change", saveToken);

document.addEventListener("submit", (event) => {
  event.preventDefault();
  if (event.target.dataset.path) send(event.target);
  if (event.target.id === "get-token") fetchToken({ email: event.target.email.value, password: event.target.password.value });
});
document.addEventListener("click", ({ target }) => {
  if (target.dataset.email) fetchToken(target.dataset);
  if ("copy" in target.dataset) copyCommand(target);
});
document.addEventListener("change", ({ target }) => {
  if ("example" in target.dataset) target.form.querySelector("[data-in=body]").value = target.value;
  if ("example" in target.dataset && carried) fillId(carried);
});
document.addEventListener("input", ({ target }) => { if (target.form?.dataset.path) drawCommand(target.form); });

async function copyCommand(button) {
  await navigator.clipboard.writeText(toCommand(button.form));
  button.textContent = "Copied";
  setTimeout(() => { button.textContent = "Copy as curl"; }, 2000);
}

if (carried) fillId(carried);
document.querySelectorAll("form[data-path]").forEach(drawCommand);
const items = [...document.querySelectorAll(".group section")].map((section) => {
  const link = document.querySelector(`nav a[href="#${section.querySelector("h3").id}"]`);
  const parts = section.querySelectorAll("h3, .summary, .about, label");
  const text = [section.querySelector("h3").id, ...[...parts].map((part) => part.textContent)].join(" ");
  return { shown: [section, link.parentElement], text };
});
filterBy(document.getElementById("search"), items, document.querySelectorAll(".group"), document.getElementById("matches"));
