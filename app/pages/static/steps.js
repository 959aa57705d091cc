// The steps of an interview: log in, start, answer, finish and download. Each step throws ApiError if it fails.

import { call } from "./api.js";
import { forget, keep, recall, startKey, token } from "./session.js";
import * as view from "./view.js";

const { element } = view;
const expectedQuestions = Number(document.documentElement.dataset.questions);

let interview = null; // {id, language, status, messages: [{role, content}]}
let login = new AbortController(); // Aborted when the user logs out, so that no late response reaches the next user.
let unfinished = null; // The caller's latest interview in progress, as the list returns it.

export async function logIn() {
  const body = { email: element("email").value, password: element("password").value };
  const { data } = await call("POST", "/auth/login", { body });
  const claims = await call("GET", "/auth/me", { token: data.token });
  keep("token", data.token);
  keep("name", claims.data.name ?? body.email);
  keep("permissions", claims.data.permissions.join(" "));
  await resume();
}

/** Calls the API as the user who has logged in. Throws an AbortError if the user logs out before the response. */
async function callAsUser(method, path, options = {}) {
  const { signal } = login;
  try {
    return await call(method, path, { ...options, token: token(), signal });
  } finally {
    signal.throwIfAborted();
  }
}

export async function begin() {
  const language = element("spoken").value;
  const { data } = await callAsUser("POST", "/interviews/start", { body: { language }, key: startKey(language) });
  forget("start");
  keep("interview", data.interview_id);
  interview = { id: data.interview_id, language, status: "in_progress", messages: [toMessage(data)] };
  draw();
}

export async function answer() {
  const text = element("answer").value;
  if (!text.trim()) return view.showNotice("empty");
  const number = interview.messages.filter(({ role }) => role === "assistant").length;
  const body = { interview_id: interview.id, user_response: text, question_number: number };
  const { data } = await callAsUser("POST", "/interviews/continue", {
    body, key: `page-${interview.id}-${number}`, // Retries use the same key, so an answer counts once.
    onQuestion: (question) => view.showPartialQuestion(question, interview.language),
  }).finally(() => view.showPartialQuestion("", ""));
  interview.messages.push({ role: "user", content: text }, toMessage(data));
  if (data.is_final) interview.status = "completed";
  forgetDraft();
  draw();
  if (!data.is_final) view.announce("sent", { progress: element("progress-text").textContent });
}

export async function resume() {
  const id = recall("interview");
  if (token() && id) {
    const { data } = await callAsUser("GET", `/interviews/${id}`);
    interview = { id, language: data.language, status: data.status, messages: data.messages };
  } else if (token()) {
    const { data, meta } = await callAsUser("GET", "/interviews?status=in_progress");
    unfinished = data.find((each) => each.employee_id === meta.employee_id);
  }
  draw();
}

export async function resumeUnfinished() {
  keep("interview", unfinished.id_interview);
  await resume();
}

/** Completes the interview, and reads the messages that another window may have added. */
export async function finish() {
  await callAsUser("PATCH", `/interviews/${interview.id}`, { body: { status: "completed" } });
  keep("finished", interview.id);
  forgetDraft();
  await resume();
}

export async function download(kind) {
  const request = { body: { interview_id: interview.id } };
  const name = `interview-${interview.id.slice(0, 8)}`;
  if (kind === "markdown") {
    const document = await callAsUser("POST", "/interviews/export", { ...request, accept: "text/markdown" });
    return view.download(`${name}.md`, "text/markdown", document);
  }
  if (kind === "bpmn") {
    const type = "application/bpmn+xml";
    return view.download(`${name}.bpmn`, type, await callAsUser("GET", `/interviews/${interview.id}/outcome`, { accept: type }));
  }
  const { data } = await callAsUser("POST", "/interviews/export", request);
  view.download(`${name}.json`, "application/json", `${JSON.stringify(data, null, 2)}\n`);
}

export function draw({ focus = true } = {}) {
  element("log-out").hidden = !token();
  if (!token()) {
    view.clear();
    return view.show("login", { focus });
  }
  if (!interview && recall("interview")) return; // It has not been read yet.
  if (!interview) {
    view.drawBeginning(recall("name"), expectedQuestions, unfinished?.started_at);
    return view.show("begin", { focus });
  }
  if (interview.status !== "in_progress") {
    view.drawDone(interview, closingText());
    drawOutcome();
    return view.show("done", { focus });
  }
  view.drawTurn(interview, expectedQuestions);
  view.offerToFinish(recall("permissions")?.includes("interviews:update"));
  view.show("turn", { focus });
}

/** Draws the outcome of the finished interview once it has been read. Without it, the page is complete as well. */
async function drawOutcome() {
  const { id, language } = interview;
  view.drawOutcome(null, language);
  const envelope = await callAsUser("GET", `/interviews/${id}/outcome`).catch(() => null);
  if (envelope && interview?.id === id) view.drawOutcome(envelope.data, language);
}

/** Returns the name of the page's closing text, or null if the interviewer wrote the last message. */
function closingText() {
  if (interview.status === "cancelled") return "cancelled";
  return recall("finished") === interview.id ? "finished" : null;
}

const toMessage = ({ question }) => ({ role: "assistant", content: question });

function forgetDraft() {
  forget("draft");
  element("answer").value = "";
}

export function forgetInterview() {
  interview = unfinished = null;
  forget("interview", "finished");
  forgetDraft();
}

export function logOut() {
  login.abort();
  login = new AbortController();
  forgetInterview();
  forget("token", "name", "permissions", "start");
  view.showNotice(null);
  draw();
}
