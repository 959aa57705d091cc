// A filter: hides the items, such as sections or rows, without the words that a person has typed.

/** Filters `items` by the words of an input: `{shown, text}`, the elements that one item consists of and its text.
 *  `groups`: elements that are hidden with all their items. `count`: says how many items match. */
export function filterBy(input, items, groups, count) {
  const texts = items.map(({ text }) => text.toLowerCase());
  const apply = () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let matches = 0;
    items.forEach(({ shown }, index) => {
      const match = words.every((word) => texts[index].includes(word));
      matches += match;
      for (const element of shown) element.hidden = !match;
    });
    for (const group of groups) group.hidden = !group.querySelector("[data-item]:not([hidden])");
    count.textContent = words.length ? `${matches} of ${items.length}` : "";
  };
  for (const { shown } of items) for (const element of shown) element.dataset.item = "";
  input.addEventListener("input", apply);
  apply();
}
