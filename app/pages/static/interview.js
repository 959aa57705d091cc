// An interview: log in, be asked, answer, take it away.

import { call, Refused } from "./api.js";
import { forget, keep, recall, startKey, token } from "./session.js";
import { TEXTS, filled } from "./texts.js";
import * as view from "./view.js";

const { element } = view;
const about = Number(document.documentElement.dataset.questions);

let texts = TEXTS.en;
let interview = null; // {id, language, status, messages: [{role, content}]}
let left = null; // one's own latest interview that is not over, as the list has it
let busy = false;

async function logIn() {
  const body = { email: element("email").value, password: element("password").value };
  const { data } = await call("POST", "/auth/login", { body });
  const claims = await call("GET", "/auth/me", { token: data.token });
  keep("token", data.token);
  keep("name", claims.data.name ?? body.email);
  await resume();
}

async function begin() {
  const language = element("spoken").value;
  const { data } = await call("POST", "/interviews/start", { token: token(), body: { language }, key: startKey(language) });
  forget("start");
  keep("interview", data.interview_id);
  interview = { id: data.interview_id, language, status: "in_progress", messages: [asked(data)] };
  draw();
}

async function answer() {
  const text = element("answer").value;
  if (!text.trim()) return view.complain(texts.empty);
  const number = interview.messages.filter(({ role }) => role === "assistant").length;
  const body = { interview_id: interview.id, user_response: text, question_number: number };
  const { data } = await call("POST", "/interviews/continue", {
    token: token(), body, key: `page-${interview.id}-${number}`, // the same for each try: an answer counts once
  });
  interview.messages.push({ role: "user", content: text }, asked(data));
  if (data.is_final) interview.status = "completed";
  forgetDraft();
  draw();
  if (!data.is_final) view.say(`${texts.sent} ${element("progress-text").textContent}`);
}

async function resume() {
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

async function goOn() {
  keep("interview", left.id_interview);
  await resume();
}

async function take(kind) {
  const request = { token: token(), body: { interview_id: interview.id } };
  const name = `interview-${interview.id.slice(0, 8)}`;
  if (kind === "markdown") {
    const document = await call("POST", "/interviews/export", { ...request, accept: "text/markdown" });
    return view.download(`${name}.md`, "text/markdown", document);
  }
  const { data } = await call("POST", "/interviews/export", request);
  view.download(`${name}.json`, "application/json", `${JSON.stringify(data, null, 2)}\n`);
}

/** Does what may be refused, one thing at a time, and says what to do where it is. */
async function attempt(action) {
  if (busy) return;
  busy = true;
  view.complain("");
  view.wait(true);
  view.say(texts.sending);
  try {
    await action();
    if (element("status").textContent === texts.sending) view.say("");
  } catch (error) {
    view.say("");
    if (!(error instanceof Refused)) throw error;
    await explain(error, action);
  } finally {
    busy = false;
    view.wait(false);
    view.settle();
  }
}

async function explain(error, action) {
  const { status, retryAfter: seconds, requestId: id } = error;
  const retry = () => attempt(action);
  if (status === 401) return askToLogIn();
  if (status === 403 || status === 404) return leave(status === 403 ? texts.forbidden : texts.gone);
  if (status === 409) return seeWhereItStands();
  if (status === 413 || status === 422) return view.complain(token() ? texts.invalid : texts.credentials);
  if (status === 429) return view.complain(filled(texts.tooMany, { seconds }));
  if (status === 503 || status === 0) return view.complain(texts.unavailable, retry);
  view.complain(filled(texts.fault, { id }), retry);
}

function askToLogIn() {
  if (!token()) return view.complain(texts.credentials);
  forget("token");
  draw();
  view.complain(texts.expired);
}

function leave(why) {
  forgetInterview();
  draw();
  view.complain(why);
}

async function seeWhereItStands() {
  forget("start");
  try {
    await resume();
    view.complain(texts.movedOn);
  } catch (error) {
    await explain(error, seeWhereItStands);
  }
}

function draw({ focus = true } = {}) {
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
  if (interview.status === "in_progress") view.drawTurn(interview, about);
  else view.drawDone(interview);
  view.show(interview.status === "in_progress" ? "turn" : "done", { focus });
}

const asked = ({ question }) => ({ role: "assistant", content: question });

function forgetDraft() {
  forget("draft");
  element("answer").value = "";
}

function forgetInterview() {
  interview = left = null;
  forget("interview");
  forgetDraft();
}

function logOut() {
  forgetInterview();
  forget("token", "name", "start");
  view.complain("");
  draw();
}

function choose(language) {
  keep("language", language);
  element("spoken").value = language;
  texts = view.speak(language);
  draw({ focus: false });
}

function onSubmit(section, action) {
  element(section).querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(action);
  });
}

function listen() {
  onSubmit("login", logIn);
  onSubmit("begin", begin);
  onSubmit("turn", answer);
  element("interface").addEventListener("change", ({ target }) => choose(target.value));
  element("login").addEventListener("change", ({ target }) => {
    if (target.name !== "account") return;
    element("email").value = target.dataset.email;
    element("password").value = target.dataset.password;
  });
  element("answer").addEventListener("input", ({ target }) => keep("draft", target.value));
  element("answer").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form.requestSubmit();
  });
  element("markdown").addEventListener("click", () => attempt(() => take("markdown")));
  element("json").addEventListener("click", () => attempt(() => take("json")));
  element("again").addEventListener("click", () => { forgetInterview(); attempt(resume); });
  element("go-on").addEventListener("click", () => attempt(goOn));
  element("log-out").addEventListener("click", logOut);
}

const wished = [recall("language"), ...navigator.languages.map((each) => each.slice(0, 2))];
const language = wished.find((each) => each in TEXTS) ?? "en";
texts = view.speak(language);
element("spoken").value = language;
element("answer").value = recall("draft") ?? "";
listen();
if (token()) attempt(resume);
else draw({ focus: false });
