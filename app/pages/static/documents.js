// The documents of an interview that can be saved or printed.

import { callAsUser } from "./caller.js";
import { download } from "./page.js";

const MARKDOWN = "text/markdown";
const OUTCOME_TYPES = { markdown: [MARKDOWN, "md"], csv: ["text/csv", "csv"], bpmn: ["application/bpmn+xml", "bpmn"] };

/** Saves a document of an interview: `markdown`, `json`, `csv` or `bpmn` of its outcome, `conversation`, or `print`. */
export async function saveDocument(kind, id) {
  const name = id.slice(0, 8);
  if (kind === "print") return print();
  if (kind === "conversation") {
    const text = await callAsUser("POST", "/interviews/export", { body: { interview_id: id }, accept: MARKDOWN });
    return download(`interview-${name}.md`, MARKDOWN, text);
  }
  const path = `/interviews/${id}/outcome`;
  if (kind === "json") {
    const { data } = await callAsUser("GET", path);
    return download(`outcome-${name}.json`, "application/json", `${JSON.stringify(data, null, 2)}\n`);
  }
  const [type, extension] = OUTCOME_TYPES[kind];
  download(`outcome-${name}.${extension}`, type, await callAsUser("GET", path, { accept: type }));
}

// Paper shows the conversation even if it is folded on the screen.
for (const [name, open] of [["beforeprint", true], ["afterprint", false]]) {
  window.addEventListener(name, () => { for (const each of document.querySelectorAll("details")) each.open = open; });
}
