// The interview page: connects its controls to the steps of an interview.

import { attempt } from "./errors.js";
import { keep, recall, token } from "./session.js";
import * as steps from "./steps.js";
import { TEXTS } from "./texts.js";
import * as view from "./view.js";

const { element } = view;

function chooseLanguage(language) {
  keep("language", language);
  element("spoken").value = language;
  view.setLanguage(language);
  steps.draw({ focus: false });
}

/** Asks for confirmation to finish, or returns to the answer. */
function askToFinish(asking) {
  if (element("finish").getAttribute("aria-disabled") === "true") return;
  view.offerToFinish(true, { asking });
  if (!asking) view.restoreFocus();
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
  element("interface").addEventListener("change", ({ target }) => chooseLanguage(target.value));
  element("login").addEventListener("change", ({ target }) => {
    if (target.name !== "account") return;
    element("email").value = target.dataset.email;
    element("password").value = target.dataset.password;
  });
  element("answer").addEventListener("input", ({ target }) => keep("draft", target.value));
  element("answer").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) event.target.form.requestSubmit();
  });
  element("finish").addEventListener("click", () => askToFinish(true));
  element("finish-no").addEventListener("click", () => askToFinish(false));
  element("sure").addEventListener("keydown", ({ key }) => { if (key === "Escape") askToFinish(false); });
  element("finish-yes").addEventListener("click", () => attempt(steps.finish));
  element("markdown").addEventListener("click", () => attempt(() => steps.download("markdown")));
  element("json").addEventListener("click", () => attempt(() => steps.download("json")));
  element("bpmn").addEventListener("click", () => attempt(() => steps.download("bpmn")));
  element("again").addEventListener("click", () => { steps.forgetInterview(); attempt(steps.resume); });
  element("go-on").addEventListener("click", () => attempt(steps.resumeUnfinished));
  element("log-out").addEventListener("click", steps.logOut);
}

const preferred = [recall("language"), ...navigator.languages.map((each) => each.slice(0, 2))];
const language = preferred.find((each) => each in TEXTS) ?? "en";
view.setLanguage(language);
element("spoken").value = language;
element("answer").value = recall("draft") ?? "";
listen();
if (token()) attempt(steps.resume);
else steps.draw({ focus: false });
