"""`cached_property` computes a value once for each object, and no object waits for another."""

import threading

from helpers.waiting import SECONDS, join, start

from w2vext._arguments.cached import cached_property


class Squares:
    """Squares a number; one may have to wait."""

    def __init__(self, number, may_compute=None):
        self.number, self.may_compute, self.computed = number, may_compute, 0

    @cached_property
    def square(self):
        """The square of the number."""
        if self.may_compute is not None:
            assert self.may_compute.wait(SECONDS)
        self.computed += 1
        return self.number**2


def test_a_value_is_computed_once_for_each_object():
    three, five = Squares(3), Squares(5)
    assert [three.square, five.square, three.square] == [9, 25, 9]
    assert (three.computed, five.computed) == (1, 1)


def test_no_object_waits_while_another_computes():
    may_compute = threading.Event()
    found = []
    first = start(lambda: Squares(3, may_compute).square)
    start(lambda: found.append(Squares(5).square)).join(60)
    may_compute.set()
    join(first)
    assert found == [25]


def test_the_class_has_the_property_and_its_docstring():
    assert Squares.square.__doc__ == "The square of the number."
