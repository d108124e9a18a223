"""Processes forked while another thread trains: each of them can fit and query by itself.

python tests/test_fork.py 200     forks 200 processes and prints how many ended
"""

import os
import subprocess
import sys

import pytest

# Prints how many children succeeded; each may take `seconds` seconds.
FORKS = """
import os, signal, sys, threading, time, warnings
import numpy as np
from w2vext import KeyedVectors, Word2Vec

warnings.simplefilter("ignore")  # of forks while threads run
children, seconds = int(sys.argv[1]), 120
corpus = [[f"w{(i * j) % 50}" for j in range(1, 20)] for i in range(200)]
options = dict(vector_size=8, min_count=1, workers=2, epochs=1)
model = Word2Vec(**options)
stop = False

def train():
    while not stop:
        Word2Vec(**options).fit(corpus)
        model.fit(corpus)

thread = threading.Thread(target=train, daemon=True)
thread.start()
ended = 0
for i in range(children):
    time.sleep(0.003 * (i % 7))
    pid = os.fork()
    if not pid:
        status = 1
        try:
            model.fit(corpus)  # in the parent another thread may be at it
            np.random.default_rng(0).random((300, 300)) @ np.ones((300, 300))
            model.wv.most_similar("w1")
            assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
            status = 0
        finally:
            os._exit(status)
    end = time.monotonic() + seconds
    done = 0
    while not done and time.monotonic() < end:
        done, status = os.waitpid(pid, os.WNOHANG)
        time.sleep(0.002)
    if done:
        ended += status == 0
    else:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
stop = True
thread.join(100)
assert not thread.is_alive()
print(ended)
"""


def ended(children):
    how = [sys.executable, "-c", FORKS, str(children)]
    return int(
        subprocess.run(
            how,
            check=True,
            capture_output=True,
            text=True,
            cwd=os.path.dirname(__file__),
            timeout=130 * children,
        ).stdout
    )


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_children_forked_during_a_fit_end():
    assert ended(10) == 10


if __name__ == "__main__":
    print(ended(int(sys.argv[1])), "of", sys.argv[1], "children ended")
