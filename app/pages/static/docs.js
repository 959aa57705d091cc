// "Try it" on the page of operations: a form becomes a request, and its answer is shown as it came.

const tokenField = document.getElementById("token");
const TOLD = ["retry-after", "allow", "www-authenticate", "idempotent-replayed", "x-request-id"];

/** URL, headers and body of what a form describes; fields left empty are not sent. */
function requestOf(form) {
  const { method } = form.dataset;
  const headers = new Headers();
  const query = new URLSearchParams();
  let path = form.dataset.path;
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

/** Sends what a form describes, unless that is under way; its button stays enabled, so that the focus stays where it is. */
async function send(form) {
  const button = form.querySelector("button");
  if (button.getAttribute("aria-disabled") === "true") return;
  button.setAttribute("aria-disabled", "true");
  const place = form.querySelector(".answer");
  const [line, shown] = place.children;
  place.hidden = false;
  line.textContent = "Sending…";
  shown.hidden = true;
  const started = performance.now();
  try {
    const [url, request] = requestOf(form);
    const answer = await fetch(url, request);
    const text = await textOf(answer, (soFar) => Object.assign(shown, { textContent: soFar, hidden: false }));
    const told = TOLD.filter((name) => answer.headers.has(name)).map((name) => `${name}: ${answer.headers.get(name)}`);
    const ms = Math.round(performance.now() - started);
    line.textContent = [`${answer.status} ${answer.statusText}`.trim(), `${ms} ms`, ...told].join(" · ");
    shown.textContent = pretty(text);
    shown.hidden = !text;
    place.dataset.good = answer.ok;
  } catch (error) {
    line.textContent = `Not sent, or no answer: ${error.message}. Is the service running? Then try again.`;
    place.dataset.good = false;
  } finally {
    button.setAttribute("aria-disabled", "false");
  }
}

/** The text of an answer; of events, `show` gets as much as has come, while they come. */
async function textOf(answer, show) {
  if (!answer.headers.get("Content-Type")?.startsWith("text/event-stream")) return answer.text();
  const reader = answer.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (let part = await reader.read(); !part.done; part = await reader.read()) show((text += part.value));
  return text;
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

async function fetchToken({ email, password }) {
  const status = document.getElementById("access-status");
  status.textContent = "Asking…";
  try {
    const headers = { "Content-Type": "application/json" };
    const answer = await fetch("/api/v1/auth/login", { method: "POST", headers, body: JSON.stringify({ email, password }) });
    const { data, message, errors } = await answer.json();
    if (!answer.ok) throw new Error(errors?.[0]?.error ?? message);
    tokenField.value = data.token;
    remember();
    status.textContent = `Token of ${email}, good for ${Math.round(data.expires_in / 60)} minutes.`;
  } catch (error) {
    status.textContent = `No token: ${error.message}. Try again.`;
  }
}

function remember() {
  sessionStorage.setItem("docs-token", tokenField.value);
}

tokenField.value = sessionStorage.getItem("docs-token") ?? "";
tokenField.addEventListener("change", remember);

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
