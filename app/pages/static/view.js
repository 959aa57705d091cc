// What is seen: sections, texts, focus. Knows nothing of the API.

import { TEXTS, filled } from "./texts.js";

export const element = (id) => document.getElementById(id);

const sections = [...document.querySelectorAll("main > section")];
let texts = TEXTS.en;
let notice = {}; // what `complain` was told: the text's name, for it may have to be said in another language
let said = null;

/** Puts the interface into a language. */
export function speak(language) {
  texts = TEXTS[language];
  document.documentElement.lang = language;
  document.title = texts.title;
  element("interface").value = language;
  for (const each of document.querySelectorAll("[data-text]")) each.textContent = texts[each.dataset.text];
  drawNotice();
  say(said === "sending" ? said : null);
}

/** Shows one section alone, and moves the focus there where it is another than before. */
export function show(id, { focus = true } = {}) {
  const before = sections.find((section) => !section.hidden);
  for (const section of sections) section.hidden = section.id !== id;
  if (!focus || before?.id === id) return;
  const first = id === "turn" ? element("answer") : element(`${id}-title`);
  first.focus();
}

/** Says what is wrong and what to do: a text by name, filled with `values`; `retry`, where there is one, is called by a button. */
export function complain(name, { values = {}, retry = null } = {}) {
  notice = { name, values, retry };
  drawNotice();
  if (retry) element("retry").focus();
}

/** Says a text in passing, to those who listen. */
export function say(name, values) {
  said = name;
  element("status").textContent = name ? filled(texts[name], values) : "";
}

/** Marks that something is under way; nothing is disabled, so that the focus stays where it is. */
export function wait(under) {
  document.querySelector("main").setAttribute("aria-busy", String(under));
  for (const button of document.querySelectorAll("main button")) button.setAttribute("aria-disabled", String(under));
  element("answer").readOnly = under;
  if (under) say("sending");
  else if (said === "sending") say(null);
}

/** Shows as much of the next question as has come in place of the open one; "": nothing of it. Who listens hears it
 *  once it is whole: until then the open one stays where it is heard. */
export function tell(question, language) {
  if (question) say(null);
  element("coming").hidden = !question;
  element("question").classList.toggle("hush", Boolean(question));
  write(element("coming"), question, language);
}

/** Puts the focus where one goes on: to the answer, and never to nowhere. */
export function settle() {
  const shown = sections.find((section) => !section.hidden);
  if (shown?.id === "turn" && !notice.retry) element("answer").focus();
  else if (document.activeElement === document.body) shown?.querySelector("h2").focus();
}

/** The open question and how far it is; `about`: how many questions there may be, of which nothing is said past them. */
export function drawTurn({ language, messages }, about) {
  const n = messages.filter(({ role }) => role === "assistant").length;
  element("progress-text").textContent = filled(n > about ? texts.beyond : texts.progress, { n, about });
  Object.assign(element("progress"), { max: Math.max(about, n), value: n - 1 });
  write(element("question"), messages.at(-1).content, language);
  drawEarlier(language, messages.slice(0, -1));
}

/** The last words, and all that was said before; our own words where the interviewer came to none: `own` names them. */
export function drawDone({ language, messages }, own) {
  if (own) write(element("closing"), texts[own], document.documentElement.lang);
  else write(element("closing"), messages.at(-1).content, language);
  drawEarlier(language, own ? messages : messages.slice(0, -1));
}

/** Offers to finish now, where that is `allowed`; or asks whether it is meant, and has the focus on what changes nothing. */
export function offerToFinish(allowed, { asking = false } = {}) {
  element("finish").hidden = !allowed || asking;
  element("sure").hidden = !asking;
  if (asking) element("finish-no").focus();
}

/** Whom to greet, and what is ahead; nothing was said so far. `left`: when an interview began that is not over. */
export function drawBeginning(name, about, left) {
  const date = left && new Date(left).toLocaleString(document.documentElement.lang, { dateStyle: "long", timeStyle: "short" });
  element("go-on").hidden = !left;
  element("go-on").textContent = filled(texts.goOn, { date });
  element("begin-title").textContent = filled(texts.beginTitle, { name });
  element("begin-text").textContent = filled(texts.beginText, { about });
  drawEarlier("", []);
}

/** Nothing of anybody's interview. */
export function drawNothing() {
  drawEarlier("", []);
  element("go-on").textContent = "";
  write(element("question"), "", "");
  write(element("closing"), "", "");
}

/** Hands a file to whoever looks at the page. */
export function download(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  say("saved", { file: name });
}

function drawNotice() {
  const { name, values, retry } = notice;
  element("notice").querySelector("p").textContent = name ? filled(texts[name], values) : "";
  element("retry").hidden = !retry;
}

function drawEarlier(language, messages) {
  const details = element("earlier");
  details.hidden = messages.length === 0;
  details.querySelector("summary").textContent = filled(texts.earlier, { n: messages.length });
  details.querySelector("ol").replaceChildren(
    ...messages.map(({ role, content }) => {
      const item = document.createElement("li");
      item.className = role;
      const who = document.createElement("b");
      who.textContent = role === "user" ? texts.you : texts.interviewer;
      const said = document.createElement("span");
      write(said, content, language);
      item.append(who, said);
      return item;
    }),
  );
}

function write(place, text, language) {
  place.lang = language;
  if (place.textContent !== text) place.textContent = text;
}

element("retry").addEventListener("click", () => notice.retry?.());
