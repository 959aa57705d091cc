"""Merge the items of a section that say the same."""

from collections.abc import Iterable

from app.interviewer.phrases import words_of
from app.outcome.document import Item


def merge(items: Iterable[Item]) -> tuple[Item, ...]:
    """Return the items in order, with those of the same words as one."""
    merged: dict[tuple[str, ...], Item] = {}
    for item in items:
        words = words_of(item.text)
        earlier = merged.get(words)
        numbers = {*(earlier.messages if earlier else ()), *item.messages}
        merged[words] = Item(earlier.text if earlier else item.text, tuple(sorted(numbers)))
    return tuple(merged.values())


def merge_names(items: Iterable[Item]) -> tuple[Item, ...]:
    """Like `merge`, and leave out a name if another item contains it: `Excel` beside `an Excel sheet of prices`."""
    merged = merge(items)
    kept: list[Item] = []
    for item in sorted(merged, key=lambda item: -len(words_of(item.text))):
        words = words_of(item.text)
        for index, longer in enumerate(kept):
            if _contains(_singular(words_of(longer.text)), _singular(words)):
                kept[index] = Item(longer.text, tuple(sorted({*longer.messages, *item.messages})))
                break
        else:
            kept.append(item)
    order = {item.text: index for index, item in enumerate(merged)}
    return tuple(sorted(kept, key=lambda item: order[item.text]))


def _singular(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word.removesuffix("s") for word in words)


def _contains(words: tuple[str, ...], part: tuple[str, ...]) -> bool:
    return any(words[start : start + len(part)] == part for start in range(len(words) - len(part) + 1))
