"""One scenario on top of another: what ``include`` means.

Names are added, down to the entries of an attribute: section → entity → attribute → entry, as in
``rate_cards`` → ``list`` → ``prices`` → ``calls``. What lies deeper is replaced with the entry it
is part of: half of one price and half of another would be neither.
"""

from __future__ import annotations

from metersim.reading import Json, Source, Steps

# The file's, a section's, an entity's and an attribute's names are added to; an entry's are not.
_DEPTH = 4
# No section but one value, in whichever form it is given.
_WHOLE = ("clock",)


def laid_over(below: Source, above: Source) -> Source:
    """The data of both as one scenario, in which each value knows the file and line it comes from.

    ``above`` is a mapping, as it says what it includes; any file may have been included.
    """
    if not isinstance(below.data, dict):
        return below  # for the schema to refuse, where it stands
    # What one file is for says nothing about another, and an inclusion is done by being here.
    under = {key: value for key, value in below.data.items() if key not in ("about", "include")}
    over = {key: value for key, value in above.data.items() if key != "include"}
    replaced: set[Steps] = set()
    data = _merged(under, over, (), replaced)
    places = {
        path: place
        for path, place in below.places.items()
        if not any(path[:length] in replaced for length in range(1, len(path) + 1))
    }
    # The items of a list count on from those that they are appended to.
    before = {key: len(data[key]) - len(over[key]) for key in over if isinstance(over[key], list)}
    places |= {_counted_on(path, before): place for path, place in above.places.items()}
    return Source(above.name, data, places)


def _merged(below: Json, above: Json, path: Steps, replaced: set[Steps]) -> Json:
    if isinstance(below, dict) and isinstance(above, dict) and _has_names(path):
        return below | {
            key: _merged(below[key], value, (*path, key), replaced) if key in below else value
            for key, value in above.items()
        }
    if isinstance(below, list) and isinstance(above, list) and len(path) == 1:
        return [*below, *above]
    replaced.add(path)
    return above


def _has_names(path: Steps) -> bool:
    return len(path) < _DEPTH and path != _WHOLE


def _counted_on(path: Steps, before: dict[str, int]) -> Steps:
    match path:
        case (str(section), int(index), *rest) if section in before:
            return (section, before[section] + index, *rest)
        case _:
            return path
