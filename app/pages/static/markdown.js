// An export of an interview, as the API answers it, written down as Markdown.

/** The whole document. `texts`: the words of the interface; `meta`: the answer's. */
export function markdownOf(data, meta, texts) {
  const facts = [
    [texts.person, data.user_name],
    [texts.organization, data.organization],
    [texts.date, new Date(data.interview_date).toLocaleString(meta.language)],
    [texts.state, data.is_complete ? texts.complete : texts.incomplete],
    [texts.id, data.interview_id],
  ];
  const head = [`# ${texts.document}`, facts.map(([name, value]) => `- **${name}:** ${escaped(value ?? "—")}`).join("\n")];
  let number = 0;
  const turns = data.conversation_history.map(({ role, content }) =>
    role === "user" ? quoted(content) : `## ${texts.question} ${++number}\n\n${escaped(content)}`,
  );
  return [...head, ...turns].join("\n\n") + "\n";
}

function quoted(text) {
  return escaped(text).split("\n").map((line) => `> ${line}`.trimEnd()).join("\n");
}

/** Text that Markdown takes for nothing but text. */
function escaped(text) {
  return text
    .replace(/[\\`*_[\]<>&|~]/g, "\\$&")
    .replace(/^(\s*)([#+=-])/gm, "$1\\$2")
    .replace(/^(\s*\d+)([.)])/gm, "$1\\$2");
}
