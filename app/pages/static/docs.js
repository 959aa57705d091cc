// "Try it" on the documentation page: sends the request that a form describes, and shows the response.

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

function formatJson(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
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
});
document.addEventListener("click", ({ target }) => {
  if (target.dataset.email) fetchToken(target.dataset);
});
document.addEventListener("change", ({ target }) => {
  if ("example" in target.dataset) target.form.querySelector("[data-in=body]").value = target.value;
});
