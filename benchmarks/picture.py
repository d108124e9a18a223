"""Draw speed and quality of the four programs as one SVG, from stored results.

The file is written as text, so that equal results give equal bytes whatever is installed.
"""

from statistics import mean, median, stdev

from compared import TITLES, overall, plain
from programs import MODELS, PROGRAMS
from stored import machine_name, thousands

COLOURS = dict(zip(PROGRAMS, ("#4051b5", "#8a8f98", "#adb2ba", "#c9cdd3"), strict=True))
WIDTH, BAR, GAP, TOP, LABEL, PANEL = 880, 15, 14, 62, 82, 330
FONT = "font-family='-apple-system, Segoe UI, Helvetica, Arial, sans-serif'"


def text(x, y, content, size=12, anchor="start", weight="normal", colour="#24292f"):
    return (
        f"<text x='{x:.1f}' y='{y:.1f}' font-size='{size}' text-anchor='{anchor}' "
        f"font-weight='{weight}' fill='{colour}'>{content}</text>"
    )


def panel(left, title, groups, write):
    """Bars of one measure: `groups` is {model: {program: values}}; `write` makes their labels."""
    largest = max(mean(values) for bars in groups.values() for values in bars.values())
    parts, y = [text(left, 26, title, 15, weight="bold")], TOP
    for model, bars in groups.items():
        parts.append(text(left, y - 5, MODELS[model], 12, colour="#57606a"))
        for program, values in bars.items():
            length = PANEL * 0.62 * mean(values) / largest
            bold = "bold" if program == "w2vext" else "normal"
            start, middle = left + LABEL, y + BAR - 4
            parts += [
                text(start - 6, middle, TITLES[program], 12, "end", bold),
                f"<rect x='{start}' y='{y + 1}' width='{length:.1f}' height='{BAR - 2}' "
                f"fill='{COLOURS[program]}'/>",
                text(start + length + 5, middle, write(values), 12, weight=bold),
            ]
            y += BAR
        y += GAP + 12
    return parts, y


def spread(values):
    return f"{mean(values):.1f}" + (f" ± {stdev(values):.1f}" if len(values) > 1 else "")


def draw(content):
    """The SVG of one measurement of compare.py."""
    speed, quality = {}, {}
    for (model, _, program), runs in plain(content).items():
        rates = [run["words_per_s"] for run in runs]
        speed.setdefault(model, {})[program] = [median(rates)]
        if overall(runs):
            quality.setdefault(model, {})[program] = overall(runs)
    run = content["runs"][0]
    made = [panel(10, "Thousand words per second, one thread", speed, lambda v: thousands(v[0]))]
    if quality:
        made.append(panel(455, "Quality: mean of three scores", quality, spread))
    bottom = max(y for _, y in made)
    words = f"{run['words']:,} words of Wikipedia" if run["words"] else "Wikipedia"
    conditions = (
        f"{words}, {run['epochs']} epochs, {run['size']} dimensions; {machine_name(content)}.",
        "Quality: analogies, WordSim-353, SimLex-999, mean ± deviation over seeds.",
    )
    height = bottom + 34
    lines = [
        f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {WIDTH} {height}' "
        f"width='{WIDTH}' height='{height}' role='img' {FONT}>",
        "<title>Training speed and quality of w2vext, gensim, fastText and word2vec.c</title>",
        f"<rect width='{WIDTH}' height='{height}' fill='#ffffff'/>",
        *(part for parts, _ in made for part in parts),
        *(
            text(10, bottom + 4 + 16 * i, line, 11, colour="#57606a")
            for i, line in enumerate(conditions)
        ),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"
