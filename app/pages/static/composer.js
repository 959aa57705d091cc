// The box for an answer: it grows with its text, counts near the limit, and keeps the draft of each interview.

import { element, say } from "./page.js";
import { forget, keep, recall } from "./session.js";

const LIMIT = 5000; // Characters of an answer, as the contract counts them: code points.
const NEAR = 4500;
const growsByItself = CSS.supports("field-sizing", "content");

let draft = ""; // The name under which the draft is kept.

/** Shows the draft of an interview. */
export function openDraft(interview) {
  draft = `draft-${interview}`;
  element("answer").value = recall(draft) ?? "";
  adapt();
}

/** Puts a string into the box and keeps it. */
export function setDraft(text) {
  element("answer").value = text;
  keepDraft();
}

/** Keeps the text of the box. */
export function keepDraft() {
  keep(draft, element("answer").value);
  adapt();
}

/** Empties the box. */
export function forgetDraft() {
  forget(draft);
  element("answer").value = "";
  adapt();
}

/** Draws the counter again, and sets the height of the box if the browser does not. */
export function adapt() {
  const box = element("answer");
  const length = [...box.value].length;
  element("count").hidden = length < NEAR;
  element("count").textContent = length < NEAR ? "" : say(length > LIMIT ? "tooLong" : "count", { n: length - LIMIT, length, limit: LIMIT });
  element("count").classList.toggle("over", length > LIMIT);
  element("ready").classList.toggle("away", box.value !== "");
  if (growsByItself) return;
  box.style.height = "auto";
  box.style.height = `${box.scrollHeight + 2}px`;
}
