"""Control numbers that came before are recognised, however many there are."""

import itertools

from mappings.codecs.runs import Runs


def again(*numbers: str) -> list[bool]:
    runs = Runs()
    return [runs.again(number) for number in numbers]


def test_consecutive_numbers_are_new():
    assert again("0001", "0002", "0003") == [False, False, False]


def test_a_number_of_the_run_comes_again():
    assert again("0005", "0006", "0007", "0005", "0006", "0007", "0008") == [False] * 3 + [True] * 3 + [False]


def test_numbers_in_any_order():
    assert again("9", "3", "0", "3", "10", "9", "11") == [False, False, False, True, False, True, False]


def test_what_is_no_number():
    assert again("A1", "A1", "-1", "", "", "1", "1234567890", "1234567890") == [
        *(False, True, False, False, True),
        *(False, False, True),
    ]


def test_others_than_the_run_are_remembered_up_to_a_limit(monkeypatch):
    monkeypatch.setattr(Runs, "LIMIT", 2)
    assert again("1", "A", "B", "C", "A", "B", "C", "2") == [False] * 4 + [True, True, False, False]


def test_every_order_of_a_few_numbers():
    for numbers in itertools.product(["1", "2", "3", "X"], repeat=5):
        assert again(*numbers) == [number in numbers[:place] for place, number in enumerate(numbers)]
