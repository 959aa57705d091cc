// The view: sections, texts and focus. It does not use the API.

import { TEXTS, fill } from "./texts.js";

export const element = (id) => document.getElementById(id);

const sections = [...document.querySelectorAll("main > section")];
const SECTIONS = [
  "role", "processes", "trigger", "steps", "inputs", "outputs", "systems", "people", "exceptions", "volumes", "pains",
  "wishes", "user_stories", "open_points",
];
let texts = TEXTS.en;
let notice = {}; // The arguments of `showNotice`: the language may change while the notice is shown.
let announced = null;

/** Sets the language of the page. */
export function setLanguage(language) {
  texts = TEXTS[language];
  document.documentElement.lang = language;
  document.title = texts.title;
  element("interface").value = language;
  for (const each of document.querySelectorAll("[data-text]")) each.textContent = texts[each.dataset.text];
  drawNotice();
  announce(announced === "sending" ? announced : null);
}

/** Shows only this section, and moves the focus to it if another section was shown before. */
export function show(id, { focus = true } = {}) {
  const before = sections.find((section) => !section.hidden);
  for (const section of sections) section.hidden = section.id !== id;
  if (!focus || before?.id === id) return;
  const first = id === "turn" ? element("answer") : element(`${id}-title`);
  first.focus();
}

/** Shows an error and what to do: the name of a text and its `values`. If `retry` is given, a button calls it. */
export function showNotice(name, { values = {}, retry = null } = {}) {
  notice = { name, values, retry };
  drawNotice();
  if (retry) element("retry").focus();
}

/** Announces a text to screen readers. */
export function announce(name, values) {
  announced = name;
  element("status").textContent = name ? fill(texts[name], values) : "";
}

/** Marks the page as busy. Buttons stay enabled, so that they keep the focus. */
export function setBusy(busy) {
  document.querySelector("main").setAttribute("aria-busy", String(busy));
  for (const button of document.querySelectorAll("main button")) button.setAttribute("aria-disabled", String(busy));
  element("answer").readOnly = busy;
  if (busy) announce("sending");
  else if (announced === "sending") announce(null);
}

/** Shows the part of the next question that has arrived instead of the open question, or the open question again if
 *  `question` is "". Screen readers get the next question when it is complete. */
export function showPartialQuestion(question, language) {
  if (question) announce(null);
  element("coming").hidden = !question;
  element("question").classList.toggle("hush", Boolean(question));
  write(element("coming"), question, language);
}

/** Moves the focus to the answer, or to the heading if nothing has the focus. */
export function restoreFocus() {
  const shown = sections.find((section) => !section.hidden);
  if (shown?.id === "turn" && !notice.retry) element("answer").focus();
  else if (document.activeElement === document.body) shown?.querySelector("h2").focus();
}

/** Draws the open question and the progress. After the expected number of questions, only the question's number is shown. */
export function drawTurn({ language, messages }, expectedQuestions) {
  const n = messages.filter(({ role }) => role === "assistant").length;
  element("progress-text").textContent = fill(n > expectedQuestions ? texts.beyond : texts.progress, { n, about: expectedQuestions });
  Object.assign(element("progress"), { max: Math.max(expectedQuestions, n), value: n - 1 });
  write(element("question"), messages.at(-1).content, language);
  drawEarlier(language, messages.slice(0, -1));
}

/** Draws the closing message and the earlier messages. `own`: the name of the page's closing text, or null. */
export function drawDone({ language, messages }, own) {
  if (own) write(element("closing"), texts[own], document.documentElement.lang);
  else write(element("closing"), messages.at(-1).content, language);
  drawEarlier(language, own ? messages : messages.slice(0, -1));
}

/** Draws the outcome as a list for each section that has items, in the language of the page. */
export function drawOutcome(outcome, language) {
  const named = SECTIONS.filter((section) => outcome?.[section].length);
  element("bpmn").hidden = !outcome?.steps.length;
  element("outcome").replaceChildren(
    ...named.flatMap((section) => {
      const heading = document.createElement("h3");
      heading.dataset.text = section; // `setLanguage` writes it again.
      heading.textContent = texts[section];
      const list = document.createElement(section === "steps" ? "ol" : "ul");
      list.lang = language;
      list.append(...outcome[section].map(toListItem));
      return [heading, list];
    }),
  );
}

function toListItem({ text, number }) {
  const item = document.createElement("li");
  if (number) item.value = number;
  item.textContent = text;
  return item;
}

/** Offers to finish if that is `allowed`. `asking`: asks for confirmation, with the focus on "no". */
export function offerToFinish(allowed, { asking = false } = {}) {
  element("finish").hidden = !allowed || asking;
  element("sure").hidden = !asking;
  if (asking) element("finish-no").focus();
}

/** Draws the start of an interview. `unfinished`: the start time of an interview in progress, if there is one. */
export function drawBeginning(name, expectedQuestions, unfinished) {
  const date = unfinished && new Date(unfinished).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
  element("go-on").hidden = !unfinished;
  element("go-on").textContent = fill(texts.goOn, { date });
  element("begin-title").textContent = fill(texts.beginTitle, { name });
  element("begin-text").textContent = fill(texts.beginText, { about: expectedQuestions });
  drawEarlier("", []);
}

/** Removes all texts of an interview. */
export function clear() {
  drawEarlier("", []);
  element("go-on").textContent = "";
  write(element("question"), "", "");
  write(element("closing"), "", "");
  drawOutcome(null, "");
}

/** Saves a text as a file on the user's computer. */
export function download(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  announce("saved", { file: name });
}

function drawNotice() {
  const { name, values, retry } = notice;
  element("notice").querySelector("p").textContent = name ? fill(texts[name], values) : "";
  element("retry").hidden = !retry;
}

function drawEarlier(language, messages) {
  const details = element("earlier");
  details.hidden = messages.length === 0;
  details.querySelector("summary").textContent = fill(texts.earlier, { n: messages.length });
  details.querySelector("ol").replaceChildren(
    ...messages.map(({ role, content }) => {
      const item = document.createElement("li");
      item.className = role;
      const author = document.createElement("b");
      author.textContent = role === "user" ? texts.you : texts.interviewer;
      const text = document.createElement("span");
      write(text, content, language);
      item.append(author, text);
      return item;
    }),
  );
}

function write(place, text, language) {
  place.lang = language;
  if (place.textContent !== text) place.textContent = text;
}

element("retry").addEventListener("click", () => notice.retry?.());
