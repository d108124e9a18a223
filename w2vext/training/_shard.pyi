from w2vext.training._plan import Job

class Shard:
    loss: float
    pairs: float
    def __init__(self, job: Job, length: int, pool: int) -> None: ...
    def train(
        self, begin: int, end: int, number: int, lr_begin: float, lr_end: float, key: int
    ) -> None: ...
