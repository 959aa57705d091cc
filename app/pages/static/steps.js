// The steps of an interview: log in, be asked, answer, finish, take it away. Each may be refused, and then throws.

import { call } from "./api.js";
import { forget, keep, recall, startKey, token } from "./session.js";
import * as view from "./view.js";

const { element } = view;
const about = Number(document.documentElement.dataset.questions);

let interview = null; // {id, language, status, messages: [{role, content}]}
let left = null; // one's own latest interview that is not over, as the list has it

export async function logIn() {
  const body = { email: element("email").value, password: element("password").value };
  const { data } = await call("POST", "/auth/login", { body });
  const claims = await call("GET", "/auth/me", { token: data.token });
  keep("token", data.token);
  keep("name", claims.data.name ?? body.email);
  keep("may", claims.data.permissions.join(" "));
  await resume();
}

export async function begin() {
  const language = element("spoken").value;
  const { data } = await call("POST", "/interviews/start", { token: token(), body: { language }, key: startKey(language) });
  forget("start");
  keep("interview", data.interview_id);
  interview = { id: data.interview_id, language, status: "in_progress", messages: [asked(data)] };
  draw();
}

export async function answer() {
  const text = element("answer").value;
  if (!text.trim()) return view.complain("empty");
  const number = interview.messages.filter(({ role }) => role === "assistant").length;
  const body = { interview_id: interview.id, user_response: text, question_number: number };
  const { data } = await call("POST", "/interviews/continue", {
    token: token(), body, key: `page-${interview.id}-${number}`, // the same for each try: an answer counts once
    hear: (question) => view.tell(question, interview.language),
  }).finally(() => view.tell("", ""));
  interview.messages.push({ role: "user", content: text }, asked(data));
  if (data.is_final) interview.status = "completed";
  forgetDraft();
  draw();
  if (!data.is_final) view.say("sent", { progress: element("progress-text").textContent });
}

export async function resume() {
  const id = recall("interview");
  if (token() && id) {
    const { data } = await call("GET", `/interviews/${id}`, { token: token() });
    interview = { id, language: data.language, status: data.status, messages: data.messages };
  } else if (token()) {
    const { data, meta } = await call("GET", "/interviews?status=in_progress", { token: token() });
    left = data.find((each) => each.employee_id === meta.employee_id);
  }
  draw();
}

export async function goOn() {
  keep("interview", left.id_interview);
  await resume();
}

/** Ends the interview where it stands. What was said elsewhere meanwhile is read as well. */
export async function finish() {
  await call("PATCH", `/interviews/${interview.id}`, { token: token(), body: { status: "completed" } });
  keep("finished", interview.id);
  forgetDraft();
  await resume();
}

export async function take(kind) {
  const request = { token: token(), body: { interview_id: interview.id } };
  const name = `interview-${interview.id.slice(0, 8)}`;
  if (kind === "markdown") {
    const document = await call("POST", "/interviews/export", { ...request, accept: "text/markdown" });
    return view.download(`${name}.md`, "text/markdown", document);
  }
  const { data } = await call("POST", "/interviews/export", request);
  view.download(`${name}.json`, "application/json", `${JSON.stringify(data, null, 2)}\n`);
}

export function draw({ focus = true } = {}) {
  element("log-out").hidden = !token();
  if (!token()) {
    view.drawNothing();
    return view.show("login", { focus });
  }
  if (!interview && recall("interview")) return; // it could not be read so far
  if (!interview) {
    view.drawBeginning(recall("name"), about, left?.started_at);
    return view.show("begin", { focus });
  }
  if (interview.status !== "in_progress") {
    view.drawDone(interview, ownLastWords());
    return view.show("done", { focus });
  }
  view.drawTurn(interview, about);
  view.offerToFinish(recall("may")?.includes("interviews:update"));
  view.show("turn", { focus });
}

/** The name of what we say at the end where the interviewer came to no last words. */
function ownLastWords() {
  if (interview.status === "cancelled") return "cancelled";
  return recall("finished") === interview.id ? "finished" : null;
}

const asked = ({ question }) => ({ role: "assistant", content: question });

function forgetDraft() {
  forget("draft");
  element("answer").value = "";
}

export function forgetInterview() {
  interview = left = null;
  forget("interview", "finished");
  forgetDraft();
}

export function logOut() {
  forgetInterview();
  forget("token", "name", "may", "start");
  view.complain(null);
  draw();
}
