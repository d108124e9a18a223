"""A model of training on several machines, from figures that are measured on one."""

from w2vext.distributed.plan import Plan, hot_rows, rounds_of, warmup_of

THREADS = 16  # of each machine
SHARED = 0.8  # the speed of one of 16 threads, compared with a thread that runs alone
NETWORK = 10e9 / 8  # bytes per second in each direction

# Rows of each matrix, vector_size, and the words of all epochs.
CASES = [
    (200_000, 100, 5e9),
    (200_000, 100, 2e10),
    (1_000_000, 300, 5e9),
    (1_000_000, 300, 2e10),
    (1_000_000, 300, 5e10),
]
EPOCHS = 5


def plan_of(rows, words, machines):
    """The plan of a run with the default rounds."""
    units = [int(words / EPOCHS / machines / 1024)] * machines
    return Plan(
        epochs=EPOCHS,
        words=tuple(1024 * n for n in units),
        units=tuple(units),
        rounds=rounds_of(sum(units) * 1024, units, EPOCHS, None),
        rows=(rows, rows),
        hot=hot_rows(rows, True),
        warmup=warmup_of(sum(units) * 1024, units, EPOCHS),
    )


def merged_bytes(plan, size):
    """The bytes of the rows that each machine has merged after each round of the run."""
    for epoch in range(EPOCHS):
        number, done = 0, False
        while not done:
            step = plan.step(epoch, number)
            slices = [s for w in range(plan.workers) for s in plan.slices(step.level, w)]
            yield sum(s.end - s.begin for s in slices) * 4 * size
            number, done = number + 1, plan.is_last(step)


def seconds(rows, size, words, machines, rate, copy, first, overhead):
    """The time of a run.

    Parameters
    ----------
    rows, size : int
        Rows of each matrix, and their length.
    words : float
        Of all epochs.
    machines : int
    rate : float
        Words per second of one thread, measured at these sizes.
    copy, first, overhead : float
        Seconds that merges take without a network, measured: per byte of the merged rows, once per
        byte of all rows, and per merge.
    """
    training = words / (rate * THREADS * SHARED * machines)
    if machines == 1:
        return training
    plan = plan_of(rows, words, machines)
    each = list(merged_bytes(plan, size))
    # Every machine sends its rows to those that merge them, and the merged rows to all others.
    network = 2 * sum(each) * (machines - 1) / machines / NETWORK
    alone = sum(plan.warmup) * 1024 / (rate * THREADS * SHARED)  # one machine at a time
    training = alone + (words - sum(plan.warmup) * 1024) / (rate * THREADS * SHARED * machines)
    once = first * max(each)
    return training + network + copy * sum(each) + once + overhead * len(each)
