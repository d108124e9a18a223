"""Draw quality against processor time for settings of w2vext and other programs as one SVG.

One panel for each size of the text; time has a logarithmic scale. The file is written as text, so
that equal results give equal bytes.
"""

from math import ceil, floor, log10
from statistics import mean

from frontier_tables import CHOSEN, TITLES, groups_of, means
from picture import FONT, text
from stored import machine_name, middle

WIDTH, LEFT, PLOT, TOP, LINE = 940, 44, 450, 80, 15
OURS, THEIRS = "#4051b5", "#8a5a00"
PARTS = (1, 2, 5)  # of a power of ten, at the lines of the scale of time


def points_of(runs):
    """(seconds, quality, label, whether it is ours) of each setting, best first."""
    points = []
    for (program, setting), found in groups_of(runs).items():
        ours = program == "w2vext"
        label = setting.replace("=True", "")
        label = label if ours else f"{TITLES.get(program, program)}: {label}"
        points.append((middle(found, "cpu_s"), mean(means(found, CHOSEN)), label, ours))
    return sorted(points, key=lambda point: -point[1])


def scale(values, low, high):
    """A function from a value to a place between `low` and `high`."""
    first, last = min(values), max(values)
    return lambda value: low + (high - low) * (value - first) / (last - first)


def spread(wanted, top, bottom):
    """Places for labels at least LINE apart, near those that are wanted (in order)."""
    places = []
    for place in wanted:
        places.append(max(place, places[-1] + LINE) if places else max(place, top))
    after = bottom + LINE
    for i in reversed(range(len(places))):
        places[i] = after = min(places[i], after - LINE)
    return places


def ticks(seconds):
    """1, 2, 5, 10, 20, ... around the times."""
    low, high = floor(log10(min(seconds))), ceil(log10(max(seconds)))
    marks = [part * 10.0**power for power in range(low, high + 1) for part in PARTS]
    first = max(mark for mark in marks if mark <= min(seconds))
    last = min([mark for mark in marks if mark >= max(seconds)])
    return [mark for mark in marks if first <= mark <= last]


def panel(words, runs, top):
    """The parts of one panel, and where it ends."""
    points = points_of(runs)
    seconds = ticks([point[0] for point in points])
    quality = [point[1] for point in points]
    levels = range(5 * floor(min(quality) / 5), 5 * ceil(max(quality) / 5) + 1, 5)
    bottom = top + max(LINE * len(points), 200)
    x = scale([log10(mark) for mark in seconds], LEFT, LEFT + PLOT)
    y = scale(levels, bottom, top)
    parts = [text(10, top - 18, f"{words:,} words", 14, weight="bold")]
    for mark in seconds:
        at = x(log10(mark))
        parts += [
            f"<line x1='{at:.1f}' y1='{top}' x2='{at:.1f}' y2='{bottom}' stroke='#eaeef2'/>",
            text(at, bottom + 16, f"{mark:g} s", 11, "middle", colour="#57606a"),
        ]
    for level in levels:
        parts += [
            f"<line x1='{LEFT}' y1='{y(level):.1f}' x2='{LEFT + PLOT}' y2='{y(level):.1f}' "
            "stroke='#eaeef2'/>",
            text(LEFT - 6, y(level) + 4, level, 11, "end", colour="#57606a"),
        ]
    places = spread([y(point[1]) for point in points], top, bottom)
    for (time, value, label, ours), place in zip(points, places, strict=True):
        at, colour = x(log10(time)), OURS if ours else THEIRS
        shape = (
            f"<circle cx='{at:.1f}' cy='{y(value):.1f}' r='4.5' fill='{colour}'/>"
            if ours
            else f"<rect x='{at - 4:.1f}' y='{y(value) - 4:.1f}' width='8' height='8' "
            f"fill='{colour}'/>"
        )
        parts += [
            f"<line x1='{at:.1f}' y1='{y(value):.1f}' x2='{LEFT + PLOT + 10}' y2='{place:.1f}' "
            f"stroke='{colour}' stroke-opacity='0.3'/>",
            shape,
            text(LEFT + PLOT + 14, place + 4, label, 11, colour=colour),
        ]
    return parts, bottom


def draw(contents):
    """The SVG of results of frontier.py on one machine, as `stored.newest` returns them."""
    by_words = {}
    for content in contents.values():
        for run in content["runs"]:
            by_words.setdefault(run["words"], []).append(run)
    parts, top = [], TOP
    for words, runs in sorted(by_words.items()):
        if len({run["program"] == "w2vext" for run in runs}) == 2:  # ours and others
            made, bottom = panel(words, runs, top)
            parts, top = parts + made, bottom + 64
    height = top - 10
    conditions = (
        f"{machine_name(next(iter(contents.values())))}. "
        "Circles are settings of w2vext, squares other programs. Further right is slower."
    )
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' "
        f"width='{WIDTH}' height='{height}' role='img' {FONT}>",
        "<title>Quality of the vectors against processor time of training</title>",
        f"<rect width='{WIDTH}' height='{height}' fill='#ffffff'/>",
        text(10, 26, "Mean of analogies, WordSim-353 and SimLex-999, by processor time", 15,
             weight="bold"),
        *parts,
        text(10, height - 12, conditions, 11, colour="#57606a"),
        "</svg>",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"
