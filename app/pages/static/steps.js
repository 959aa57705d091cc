// The steps of an interview: start, answer, finish, and the list of one's own. Each step throws ApiError if it fails.

import { callAsUser } from "./caller.js";
import { forgetDraft, openDraft } from "./composer.js";
import { drawOutcome } from "./outcome.js";
import { announce, element, pageLanguage, setWaiting, show, showNotice } from "./page.js";
import { forget, keep, may, recall, startKey, token } from "./session.js";
import * as view from "./view.js";

const { model, wait } = document.documentElement.dataset;

let interview = null; // {id, language, status, messages: [{role, content}]}
let own = { interviews: [], next: null }; // The caller's interviews, as the list returns them.
let refused = null; // An answer that was not stored, because its question is no longer open.
let sent = null; // The answer that was sent last.

export async function begin() {
  const language = pageLanguage();
  sayWhatHappens();
  const guide = element("guide").value;
  const body = guide ? { language, guide } : { language };
  const { data } = await callAsUser("POST", "/interviews/start", { body, key: startKey(`${language}-${guide}`) });
  forget("start");
  keep("interview", data.interview_id);
  interview = { id: data.interview_id, language, status: "in_progress", messages: [toMessage(data)] };
  draw();
}

/** Sends an answer: the text of the box if none is given. */
export async function answer(text = element("answer").value) {
  if (!text.trim()) return showNotice("empty");
  sent = text;
  sayWhatHappens();
  const number = interview.messages.filter(({ role }) => role === "assistant").length;
  const body = { interview_id: interview.id, user_response: text, question_number: number };
  const { data } = await callAsUser("POST", "/interviews/continue", {
    body, key: `page-${interview.id}-${number}`, // Retries use the same key, so an answer counts once.
    onQuestion: (question) => {
      if (question) announce(null);
      view.showPartialQuestion(question, interview.language);
    },
  }).finally(() => view.showPartialQuestion("", ""));
  interview.messages.push({ role: "user", content: text }, toMessage(data));
  if (data.is_final) interview.status = "completed";
  forgetDraft();
  draw();
  if (!data.is_final) announce("sent", { progress: element("progress-text").textContent });
}

/** Sends the phrase of the guide by which a person does not know or does not want to answer. */
export const answerWith = (phrase) => answer(JSON.parse(document.documentElement.dataset.ready)[interview.language][phrase]);

/** Says what happens while a language model reads the answer. The guide needs no time. */
function sayWhatHappens() {
  if (model) setWaiting("thinking", { seconds: wait });
}

/** Reads the interview that is open, or the list of the caller's own. */
export async function resume() {
  const id = recall("interview");
  if (token() && id) {
    const { data } = await callAsUser("GET", `/interviews/${id}`);
    interview = { id, language: data.language, status: data.status, messages: data.messages };
    openDraft(id);
  } else if (token()) {
    own = { interviews: [], next: "" };
    await listMore();
  }
  draw();
}

/** Reads the interview again because its question is no longer open. The answer that was sent leaves the box. */
export async function reload() {
  forget("start");
  await resume();
  const stored = interview?.messages.some(({ role, content }) => role === "user" && content === sent);
  if (sent !== null && !stored) refused = sent;
  if (sent !== null) forgetDraft();
  sent = null;
  draw();
}

/** Reads the next page of the caller's own interviews. */
export async function listMore() {
  const whose = may("read_all") ? `&employee_id=${recall("employee")}` : "";
  const { data, meta } = await callAsUser("GET", `/interviews?page_size=20&cursor=${own.next}${whose}`);
  own = { interviews: [...own.interviews, ...data], next: meta.pagination.next_cursor };
}

/** Opens one of the caller's own interviews. */
export async function open({ id_interview: id }) {
  keep("interview", id);
  await resume();
}

/** Completes the interview, and reads the messages that another window may have added. */
export async function finish() {
  await callAsUser("PATCH", `/interviews/${interview.id}`, { body: { status: "completed" } });
  keep("finished", interview.id);
  forgetDraft();
  await resume();
}

/** Draws the state of the interview. */
export function draw({ focus = true } = {}) {
  element("log-out").hidden = !token();
  element("home").hidden = !token();
  element("review-link").hidden = !token() || !may("read_all");
  if (!token()) {
    view.clear();
    return show("login", { focus });
  }
  if (!interview && recall("interview")) return; // It has not been read yet.
  view.drawRefused(refused, interview?.status === "in_progress");
  if (!interview) {
    view.drawBeginning(recall("name"), own, onOpen);
    element("begin").querySelector("form").hidden = !may("create");
    return show("begin", { focus });
  }
  if (interview.status !== "in_progress") {
    view.drawDone(interview, closingText());
    element("done-conversation").hidden = !may("export");
    drawOutcomeWhenRead();
    return show("done", { focus });
  }
  view.drawTurn(interview);
  openDraft(interview.id);
  view.offerToFinish(may("update"));
  show("turn", { focus });
}

let onOpen = null; // Called with the interview that the user chooses from the list.

/** Sets the function that opens an interview of the list. */
export const whenOpened = (listener) => { onOpen = listener; };

/** Draws the outcome of the finished interview once it has been read. Without it, the page is complete as well. */
async function drawOutcomeWhenRead() {
  const { id, language } = interview;
  drawOutcome("outcome", null, language);
  const envelope = await callAsUser("GET", `/interviews/${id}/outcome`).catch(() => null);
  if (envelope && interview?.id === id) drawOutcome("outcome", envelope.data, language);
}

/** Returns the name of the page's closing text, or null if the interviewer wrote the last message. */
function closingText() {
  if (interview.status === "cancelled") return "closedEarly";
  return recall("finished") === interview.id ? "finished" : null;
}

const toMessage = ({ question }) => ({ role: "assistant", content: question });

/** Returns the id of the interview that is open. */
export const openId = () => interview.id;

/** Returns the answer that was not stored, and forgets it. */
export function takeRefused() {
  const text = refused;
  refused = null;
  view.drawRefused(null);
  return text;
}

export function forgetInterview() {
  interview = refused = sent = null;
  forget("interview", "finished");
}

/** Forgets what belongs to the caller. */
export function forgetOwn() {
  forgetInterview();
  own = { interviews: [], next: null };
}
