"""Tables of the results of frontier.py: learning rates of each model, and quality against time."""

from statistics import mean

from stored import caption, deviation, grouped, middle, number, table

CHOSEN = {"analogies": "analogies", "wordsim": "WordSim-353", "simlex": "SimLex-999"}
ASIDE = {"men": "MEN", "mturk": "MTurk-771", "rw": "RW"}
TITLES = {"fasttext": "fastText"}


def means(runs, names):
    """The mean of some scores of each run."""
    return [mean(run[name] for name in names) for run in runs]


def scored(runs):
    cells = [deviation([run[name] for run in runs]) for name in CHOSEN]
    return [*cells, deviation(means(runs, CHOSEN)), deviation(means(runs, ASIDE))]


HEADS = [*CHOSEN.values(), "mean of the three", "mean of the others"]


def about(content):
    others = ", ".join(ASIDE.values())
    words = content["runs"][0]["words"]
    return f"The first {words:,} words. The others are {others}, which were not used to choose."


def alphas(machines):
    """The scores of each model with several learning rates."""
    parts = []
    for named in machines:
        for content in named.values():
            rows = [
                [model, f"`{setting}`", len(runs), *scored(runs)]
                for (model, setting), runs in grouped(content["runs"], "group", "setting").items()
            ]
            parts += [caption(content, about(content))]
            parts += [table(["model", "setting", "seeds", *HEADS], rows)]
    return "\n\n".join(parts)


def settings(machines):
    """The scores of many settings and of other programs, by processor time."""
    parts = []
    for named in machines:
        for content in named.values():
            groups = grouped(content["runs"], "program", "setting")
            order = sorted(groups.items(), key=lambda item: middle(item[1], "cpu_s"))
            rows = [
                [
                    TITLES.get(program, program),
                    f"`{setting}`",
                    len(runs),
                    number(middle(runs, "cpu_s")),
                    *scored(runs),
                ]
                for (program, setting), runs in order
            ]
            parts += [caption(content, about(content))]
            parts += [table(["program", "setting", "seeds", "CPU s", *HEADS], rows)]
    return "\n\n".join(parts)


def everything(machines):
    """Both tables, for the script's own output."""
    (content,) = machines[-1].values()
    groups = {run["group"] for run in content["runs"]}
    return (settings if groups & {"settings", "peers"} else alphas)(machines)
