// The page of an interview: what is pressed and written leads to a step.

import { keep, recall, token } from "./session.js";
import * as steps from "./steps.js";
import { TEXTS } from "./texts.js";
import { attempt } from "./trouble.js";
import * as view from "./view.js";

const { element } = view;

function choose(language) {
  keep("language", language);
  element("spoken").value = language;
  view.speak(language);
  steps.draw({ focus: false });
}

/** Asks whether to finish; or goes on, with the answer. */
function wonder(asking) {
  if (element("finish").getAttribute("aria-disabled") === "true") return;
  view.offerToFinish(true, { asking });
  if (!asking) view.settle();
}

function onSubmit(section, action) {
  element(section).querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(action);
  });
}

function listen() {
  onSubmit("login", steps.logIn);
  onSubmit("begin", steps.begin);
  onSubmit("turn", steps.answer);
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
  element("finish").addEventListener("click", () => wonder(true));
  element("finish-no").addEventListener("click", () => wonder(false));
  element("sure").addEventListener("keydown", ({ key }) => { if (key === "Escape") wonder(false); });
  element("finish-yes").addEventListener("click", () => attempt(steps.finish));
  element("markdown").addEventListener("click", () => attempt(() => steps.take("markdown")));
  element("json").addEventListener("click", () => attempt(() => steps.take("json")));
  element("again").addEventListener("click", () => { steps.forgetInterview(); attempt(steps.resume); });
  element("go-on").addEventListener("click", () => attempt(steps.goOn));
  element("log-out").addEventListener("click", steps.logOut);
}

const wished = [recall("language"), ...navigator.languages.map((each) => each.slice(0, 2))];
const language = wished.find((each) => each in TEXTS) ?? "en";
view.speak(language);
element("spoken").value = language;
element("answer").value = recall("draft") ?? "";
listen();
if (token()) attempt(steps.resume);
else steps.draw({ focus: false });
