// Run actions that may fail, one at a time, and show what to do if they do.

import { ApiError } from "./api.js";
import { announce, element, restoreFocus, setBusy, showNotice } from "./page.js";
import { forget, token } from "./session.js";
import { draw, forgetInterview, reload, resume } from "./steps.js";

let busy = false;

/** Runs an action unless another one is running, and shows what to do if it throws an ApiError. */
export async function attempt(action) {
  if (busy) return;
  busy = true;
  showNotice(null);
  setBusy(true);
  try {
    await action();
  } catch (error) {
    announce(null);
    if (error.name === "AbortError") return; // The user has logged out.
    if (!(error instanceof ApiError)) throw error;
    await explain(error, action);
  } finally {
    busy = false;
    setBusy(false);
    restoreFocus();
  }
}

async function explain(error, action) {
  const { status, retryAfter: seconds, requestId: id } = error;
  const retry = () => attempt(action);
  if (status === 401) return askToLogIn();
  if (status === 403 || status === 404) return readAgain(leaveInterview, status === 403 ? "forbidden" : "gone");
  if (status === 409) return readAgain(reload, "movedOn");
  if (status === 413 || status === 422) return showNotice(token() ? "invalid" : "credentials");
  if (status === 429) return showNotice("tooMany", { values: { seconds } });
  if (status === 503 || status === 0) return showNotice("unavailable", { retry });
  showNotice("fault", { values: { id }, retry });
}

function askToLogIn() {
  const reason = token() ? "expired" : element("sign-in") ? "loginFailed" : "credentials";
  forget("token");
  draw();
  showNotice(reason);
}

async function leaveInterview() {
  forgetInterview();
  await resume();
}

/** Reads what is shown, and says why. */
async function readAgain(read, reason) {
  try {
    await read();
    showNotice(reason);
  } catch (error) {
    if (!(error instanceof ApiError) || [403, 404, 409].includes(error.status)) {
      draw();
      return showNotice(reason);
    }
    await explain(error, () => readAgain(read, reason));
  }
}
