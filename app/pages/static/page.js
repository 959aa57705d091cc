// The page around its sections: language, visible section, notices, announcements and focus. It does not use the API.

import { TEXTS, fill } from "./texts.js";

export const element = (id) => document.getElementById(id);

const sections = [...document.querySelectorAll("main > section")];
let texts = TEXTS.en;
let notice = {}; // The arguments of `showNotice`: the language may change while the notice is shown.
let announced = {}; // The arguments of `announce`.
let waiting = null; // The name and the values of the text that is announced while the page is busy.
let clock = 0;

/** Returns a string in the language of the page, with its placeholders replaced by values. */
export const say = (name, values) => fill(texts[name], values);

/** Returns the language of the page. */
export const pageLanguage = () => document.documentElement.lang;

/** Returns a date and time in the language of the page. */
export const formatDate = (moment) =>
  new Date(moment).toLocaleString(pageLanguage(), { dateStyle: "medium", timeStyle: "short" });

/** Sets the language of the page. */
export function setLanguage(language) {
  texts = TEXTS[language];
  document.documentElement.lang = language;
  document.title = texts.title;
  element("interface").value = language;
  for (const each of document.querySelectorAll("[data-text]")) each.textContent = texts[each.dataset.text];
  drawNotice();
  announce(waiting ? announced.name : null, announced.values);
}

/** Shows only this section, and moves the focus to it if another section was shown before. */
export function show(id, { focus = true } = {}) {
  const before = sections.find((section) => !section.hidden);
  for (const section of sections) section.hidden = section.id !== id;
  if (!focus || before?.id === id) return;
  const first = id === "turn" ? element("answer") : element(`${id}-title`);
  first.focus();
}

/** Shows an error and what to do: the name of a string and its `values`. If `retry` is given, a button calls it. */
export function showNotice(name, { values = {}, retry = null } = {}) {
  notice = { name, values, retry };
  drawNotice();
  if (retry) element("retry").focus();
}

/** Announces a string to screen readers. */
export function announce(name, values) {
  announced = { name, values };
  element("status").textContent = name ? say(name, values) : "";
}

/** Marks the page as busy. Buttons stay enabled, so that they keep the focus. */
export function setBusy(busy) {
  document.querySelector("main").setAttribute("aria-busy", String(busy));
  for (const button of document.querySelectorAll("main button")) button.setAttribute("aria-disabled", String(busy));
  element("answer").readOnly = busy;
  if (busy) return setWaiting("sending");
  clearInterval(clock);
  element("elapsed").textContent = "";
  if (announced.name === waiting?.name) announce(null);
  waiting = null;
}

/** Says what the page waits for. After some seconds, counts them where screen readers do not repeat them. */
export function setWaiting(name, values = {}) {
  waiting = { name, values };
  announce(name, values);
  clearInterval(clock);
  const started = Date.now();
  clock = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    if (seconds >= 3) element("elapsed").textContent = `${seconds} s`;
  }, 1000);
}

/** Moves the focus to the answer, or to the heading if nothing has the focus. */
export function restoreFocus() {
  const shown = sections.find((section) => !section.hidden);
  if (shown?.id === "turn" && !notice.retry) element("answer").focus();
  else if (document.activeElement === document.body) shown?.querySelector("h2").focus();
}

/** Saves a string as a file on the user's computer. */
export function download(name, type, text) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  announce("saved", { file: name });
}

/** Shows a string in a language, without announcing it again if it is the same. */
export function write(place, text, language) {
  place.lang = language;
  if (place.textContent !== text) place.textContent = text;
}

/** Returns an element with properties and children. */
export function create(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function drawNotice() {
  const { name, values, retry } = notice;
  element("notice").querySelector("p").textContent = name ? say(name, values) : "";
  element("retry").hidden = !retry;
}

element("retry").addEventListener("click", () => notice.retry?.());
