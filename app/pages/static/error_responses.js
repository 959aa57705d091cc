// The page of error responses: filters the rows of its tables.

import { filterBy } from "./filter.js";

const rows = [...document.querySelectorAll("tbody tr")];
const items = rows.map((row) => {
  const section = row.closest("section");
  return { shown: [row], text: `${section.querySelector("h2").textContent} ${section.dataset.name} ${row.textContent}` };
});
filterBy(document.getElementById("search"), items, document.querySelectorAll("section[data-name]"), document.getElementById("matches"));
