"""Tables of the results of frontier.py: learning rates of each model, and quality against time."""

from statistics import mean

from stored import caption, command, deviation, grouped, middle, number, table, times

# The results of the settings and of other programs, by the number of words.
NAMES = (
    "frontier-settings",
    "frontier-5m",
    "frontier-peers-5m",
    "frontier-17m",
    "frontier-peers-17m",
)
CHOSEN = {"analogies": "analogies", "wordsim": "WordSim-353", "simlex": "SimLex-999"}
FOUR = (*CHOSEN, "men")
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


def groups_of(runs):
    """{(program, setting): runs}."""
    return grouped(runs, "program", "setting")


def by_words(named):
    """{number of words: (contents, runs)} of the results of one machine."""
    found = {}
    for content in named.values():
        contents, runs = found.setdefault(content["runs"][0]["words"], ([], []))
        contents.append(content)
        runs.extend(content["runs"])
    return dict(sorted(found.items()))


def captions(contents):
    """The machine, the day and the text once, and the command of each result."""
    first, *others = contents
    return "\n".join([caption(first, about(first)), *(command(content) for content in others)])


def settings(machines):
    """The scores of many settings and of other programs, by processor time."""
    parts = []
    for named in machines:
        for contents, runs in by_words(named).values():
            order = sorted(groups_of(runs).items(), key=lambda item: middle(item[1], "cpu_s"))
            rows = [
                [
                    TITLES.get(program, program),
                    f"`{setting}`",
                    len(some),
                    number(middle(some, "cpu_s")),
                    *scored(some),
                ]
                for (program, setting), some in order
            ]
            parts += [captions(contents)]
            parts += [table(["program", "setting", "seeds", "CPU s", *HEADS], rows)]
    return "\n\n".join(parts)


# The beginnings of the settings that are compared with other programs.
LEADING = (
    "defaults",
    "combined",
    "negative=10, ns_exponent=0.65, sample=0.0001, epochs=6",
    "epochs=10, negative=10",
    "subwords",
)


def leads(machines):
    """Our settings, compared with each setting of other programs on the same words."""
    rows = []
    for named in machines:
        for words, (_, runs) in by_words(named).items():
            groups = groups_of(runs)
            others = {key: some for key, some in groups.items() if key[0] != "w2vext"}
            ours = {key: some for key, some in groups.items() if key[0] == "w2vext"}
            for (program, setting), theirs in others.items():
                for (_, own), some in ours.items():
                    gains = [
                        mean(means(some, names)) - mean(means(theirs, names))
                        for names in (CHOSEN, FOUR, ASIDE)
                    ]
                    if own.startswith(LEADING):
                        rows.append([
                            f"{words:,}", f"{TITLES.get(program, program)}, `{setting}`",
                            len(theirs), f"`{own}`", len(some),
                            times(middle(theirs, "cpu_s") / middle(some, "cpu_s")),
                            *(f"{round(gain, 1) + 0.0:+.1f}" for gain in gains),
                        ])  # fmt: skip
    head = ["words", "other program", "seeds", "w2vext", "seeds", "faster"]
    return table([*head, "mean of the three", "the three and MEN", "mean of the others"], rows)


def everything(machines):
    """Both tables, for the script's own output."""
    (content,) = machines[-1].values()
    groups = {run["group"] for run in content["runs"]}
    return (settings if groups & {"settings", "peers"} else alphas)(machines)
