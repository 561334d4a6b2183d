"""A budget is never passed, whatever the pages bring."""

import random

import pytest

from harvester.budget import COUNT_ALL, POST, Budget, Purse, Used, micro, price


@pytest.mark.parametrize(("usd", "amount"), [(0.005, 5_000), (0.1 + 0.2, 300_000), (5, 5_000_000), (0, 0)])
def test_dollars_become_whole_micro_dollars(usd, amount):
    assert micro(usd) == amount
    assert Used(amount).usd == pytest.approx(usd)


def test_an_answer_costs_its_posts_and_its_users():
    assert price(100, 40) == Used(micro(0.9), 100)
    assert price(0, 0) == Used()


@pytest.mark.parametrize(
    ("run", "month", "size"),
    [
        (Used(), Used(), 100),
        (Used(micro(3.49)), Used(), 100),  # 1.50 is left after the count kept back
        (Used(micro(3.50)), Used(), 99),
        (Used(micro(4.84)), Used(), 10),
        (Used(micro(4.841)), Used(), 0),
        (Used(0, 950), Used(), 50),
        (Used(0, 991), Used(), 0),
        (Used(micro(9)), Used(), 0),
        (Used(), Used(micro(19.84)), 10),
        (Used(), Used(micro(25)), 0),
        (Used(), Used(0, 3_000_000), 0),
    ],
)
def test_the_next_page_is_as_large_as_its_worst_case_fits(run, month, size):
    assert Budget().page_size(run, month, smallest=10, largest=100) == size


def test_results_that_bring_others_along_make_pages_smaller():
    budget = Budget(run=Used(micro(1.0), 1_000), posts_each=3, users_each=3)
    assert budget.worst(10) == Used(micro(0.45), 30)
    assert budget.page_size(Used(), Used(), smallest=10, largest=100) == 22


def test_a_count_request_is_kept_back():
    budget = Budget(run=Used(2 * COUNT_ALL, 0))
    assert budget.fits(Used(COUNT_ALL), Used(), Used())
    assert not budget.fits(Used(COUNT_ALL), Used(COUNT_ALL), Used())
    assert not budget.fits(Used(0, 1), Used(), Used())


@pytest.mark.parametrize("seed", range(20))
def test_reserving_and_settling_never_passes_the_budget(seed):
    chance = random.Random(seed)
    budget = Budget(run=Used(micro(chance.uniform(0.1, 8)), chance.randint(0, 900)), month=Used(micro(6), 10_000))
    run, pages = Used(), 0
    while size := budget.page_size(run, run, smallest=10, largest=100):
        run += budget.worst(size)
        assert run.money <= min(budget.run.money, budget.month.money)
        assert run.posts <= budget.run.posts
        posts = chance.randint(0, size)
        run -= budget.worst(size) - price(posts, chance.randint(0, posts))
        pages += 1
        if pages > 5_000:  # empty pages cost nothing and may go on for ever
            break
    assert run.money <= budget.run.money


def test_a_purse_knows_what_is_left_and_tells_what_was_used():
    purse = Purse(Budget(run=Used(micro(1.0), 50), month=Used(micro(9), 900)), run=Used(micro(0.2), 5), month=Used())
    assert purse.usd == pytest.approx(0.8)
    assert purse.posts() == 45
    spends = list(purse.spend(price(4, 2)))
    assert [(spend.name, spend.amount) for spend in spends] == [("usd", pytest.approx(0.04)), ("posts", 4)]
    assert list(purse.spend(Used())) == []
    assert (purse.run, purse.month) == (Used(micro(0.24), 9), Used(micro(0.04), 4))
    assert purse.fits(price(41, 0))
    assert not purse.fits(price(42, 0))
    tight = Purse(Budget(run=Used(COUNT_ALL + 7 * POST, 50)), run=Used(), month=Used())
    assert (tight.posts(), tight.page_size(smallest=1, largest=9)) == (7, 2)
    assert Purse(Budget(), run=Used(micro(6)), month=Used()).usd == 0
