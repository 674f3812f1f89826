"""From looks to findings: what is stuck is named, what only waits is not."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from soakctl.awaits.diagnose import diagnose
from soakctl.awaits.model import read_look
from tests.support.looks import FILE, Process


def kinds(process: Process) -> list[str]:
    """The kinds found in a process in which nothing happens."""
    return [str(finding.kind) for finding in diagnose(process.looks())]


def circle(*, limit: bool = False) -> Process:
    """Two tasks with two locks, the wrong way round, and a third that waits for one of them."""
    process = Process()
    process.lock("a", "one")
    process.lock("b", "two")
    process.wants("one", "b", timeout=limit)
    process.wants("two", "a")
    process.waits_for("main", "one")
    return process


def test_a_circle_of_locks_is_a_deadlock() -> None:
    """Members apart from victims, and the lines of both: where it waits and where it took."""
    process = circle()
    (finding,) = diagnose(process.looks())
    assert finding.kind == "deadlock"
    assert finding.confidence == "certain"
    assert set(finding.members) == {"one (Task-one)", "two (Task-two)"}
    assert finding.victims == ("main (Task-main)",)
    assert {one.at for one in finding.evidence} == {f"{FILE}:{process.number(name)}" for name in ("one", "two")}


def test_what_moves_between_two_looks_is_no_deadlock() -> None:
    """The same picture of other waits: it was passing."""
    process = circle()
    looks = [process.look(10.0)]
    process.tasks["one"]["waiter"] += 500
    looks += [process.look(11.0), process.look(12.0)]
    assert diagnose(looks) == []


def test_a_time_limit_in_a_circle_makes_it_likely() -> None:
    """It will break, and it is wrong all the same."""
    (finding,) = diagnose(circle(limit=True).looks())
    assert (str(finding.kind), str(finding.confidence)) == ("deadlock", "likely")


def test_a_lock_whose_holder_goes_on_is_none() -> None:
    """Waiting for somebody who works is what locks are for."""
    process = Process()
    process.lock("a", "works")
    process.task("works", {"kind": "outside", "how": "read"})
    process.wants("waits", "a")
    process.task("serves", {"kind": "serving"})
    assert kinds(process) == []


def test_one_free_permit_holder_keeps_a_semaphore_alive() -> None:
    """All holders have to be stuck; one that goes on will give its permit back."""
    process = Process()
    process.semaphore("limit", "one", "two")
    process.wants("one", "limit")
    process.wants("two", "limit")
    assert kinds(process) == ["exhausted_pool"]
    process.task("two", {"kind": "sleep", "delay_s": 1.0})
    assert kinds(process) == []


@pytest.mark.parametrize(("any_", "found"), [(True, []), (False, ["deadlock"])])
def test_waiting_for_the_first_of_several_is_no_deadlock(any_: bool, found: list[str]) -> None:
    """Gather needs all of its tasks, FIRST_COMPLETED one."""
    process = Process()
    process.waits_for("main", "stuck", "works", any_=any_)
    process.waits_for("stuck", "main")
    process.task("works", {"kind": "sleep", "delay_s": 1.0})
    assert kinds(process) == found


def test_a_lock_of_an_ended_task_is_abandoned() -> None:
    """The line that took it, and those who wait."""
    process = Process()
    process.lock("a", "gone", ended=True)
    process.wants("waits", "a")
    (finding,) = diagnose(process.looks())
    assert (str(finding.kind), str(finding.confidence)) == ("lock_abandoned", "likely")
    assert f"{FILE}:{process.number('gone')}" in {one.at for one in finding.evidence}


@pytest.mark.parametrize(("free", "found"), [(False, ["exhausted_pool"]), (True, []), (None, [])])
def test_permits_handed_on_are_not_lost(free: bool | None, found: list[str]) -> None:
    """Whoever still goes on and knows the semaphore may be the one that gives the permit back."""
    process = Process()
    process.semaphore("limit", "submits", ended=True)
    process.things["limit"]["free"] = free
    process.wants("waits", "limit")
    assert kinds(process) == found


@pytest.mark.parametrize(
    ("inside", "free", "found"),
    [
        (True, True, ["certain"]),
        (True, False, ["certain"]),
        (False, False, ["likely"]),
        (False, True, []),
        (False, None, []),
    ],
)
def test_what_was_taken_by_hand_may_be_given_back_by_others(inside: bool, free: bool | None, found: list[str]) -> None:
    """A throttle's permits are returned by the callbacks of its jobs; `async with` returns what it took itself."""
    process = Process()
    process.semaphore("limit", "main", "main", inside=inside)
    process.things["limit"]["free"] = free
    process.wants("main", "limit")
    assert [str(finding.confidence) for finding in diagnose(process.looks())] == found


@pytest.mark.parametrize(
    ("feeders", "found"),
    [
        ([{"ended": "ValueError"}], ["starved_consumer"]),
        ([{"ended": "ValueError"}, {"ended": ""}], []),
        ([{"ended": "ValueError", "puts": 1}], ["starved_consumer"]),
        ([{"ended": "finished", "puts": 1}], []),
        ([{"ended": "finished"}], ["starved_consumer"]),
        ([], []),
    ],
    ids=["died", "another lives", "died after one", "one item", "finished while somebody waits", "unknown"],
)
def test_a_consumer_starves_when_its_producers_are_dead(feeders: list[dict[str, Any]], found: list[str]) -> None:
    """Positive proof only: an empty queue alone says nothing."""
    process = Process()
    process.queue("q", *(process.feeder(f"producer{n}", **one) for n, one in enumerate(feeders)))
    process.wants("consumer", "q", "get")
    process.waits_for("main", "consumer")
    assert kinds(process) == found


def test_a_request_of_one_item_may_come_again_where_connections_are_hidden() -> None:
    """Nobody sees the server of uvloop, which knows the queue."""
    process = Process()
    process.loop["descriptors"] = None
    process.queue("q", process.feeder("request", ended="ValueError", puts=1))
    process.wants("consumer", "q", "get")
    process.waits_for("main", "consumer")
    assert kinds(process) == []


def test_a_queue_fed_by_callbacks_has_no_dead_producer() -> None:
    """A protocol may put the next item at any time."""
    process = Process()
    process.queue("q", process.feeder("producer", ended="ValueError"), other_puts=1)
    process.wants("consumer", "q", "get")
    process.waits_for("main", "consumer")
    assert kinds(process) == []


def test_a_queue_that_somebody_still_knows_may_be_fed() -> None:
    """A server's handler, a batch that is tried again in an hour."""
    process = Process()
    process.queue("q", process.feeder("producer", ended="ValueError"), free=True)
    process.wants("consumer", "q", "get")
    process.waits_for("main", "consumer")
    assert kinds(process) == []


@pytest.mark.parametrize(
    ("feeders", "found"),
    [
        ([{"ended": "ValueError", "owing": True}], ["likely"]),
        ([{"ended": "ValueError"}], []),
        ([{"ended": "ValueError", "owing": True, "puts": 1}], []),
        ([{"ended": "ValueError", "owing": True}, {"ended": ""}], []),
        ([{"ended": "ValueError", "owing": True}, {"ended": "finished"}], []),
    ],
    ids=["died unnoticed", "a supervisor knows", "a request", "another lives", "such as come and go"],
)
def test_a_producer_that_died_unnoticed_is_missed_whoever_knows_the_queue(
    feeders: list[dict[str, Any]], found: list[str]
) -> None:
    """A health check knows it, the main task does."""
    process = Process()
    process.task("health", {"kind": "sleep", "delay_s": 1.0})
    rows = [{**process.feeder("producer"), **one} for one in feeders]
    process.queue("q", *rows, free=True)
    process.wants("consumer", "q", "get")
    assert [str(finding.confidence) for finding in diagnose(process.looks())] == found
    for row in rows[:1]:  # something was put meanwhile
        looks = process.looks()
        row["puts"] += 1
        assert diagnose([*looks[:2], process.look(13.0)]) == []


def test_a_process_that_stands_still_wakes_nobody() -> None:
    """No timer, no descriptor, no thread; but a main task that only parks is well."""
    process = Process()
    process.things["e"] = {"kind": "Event", "is": "event"}
    process.loop["timers"] = 0
    process.waits_for("main", "waits")
    process.wants("waits", "e", "wait", made_s=1.0)
    assert kinds(process) == ["starved_consumer"]
    process.loop["descriptors"] = 1
    assert kinds(process) == []
    process.loop["descriptors"] = 0
    process.task("main", {"kind": "Event", "how": "wait", "thing": process.number("e")})
    assert kinds(process) == []


def blocked(wait: dict[str, Any] | None) -> Process:
    """A loop that does not answer."""
    process = Process()
    process.loop |= {"answered": False, "lag_ms": 2500.0}
    stack = process.place("call")
    process.threads = [{"id": 7, "name": "MainThread", "stack": stack, "loop": 1, "wait": wait}]
    return process


def test_a_silent_loop_is_blocked_by_the_line_it_is_at() -> None:
    """The innermost line of the program."""
    process = blocked(None)
    (finding,) = diagnose(process.looks())
    assert finding.kind == "blocked_loop"
    assert finding.evidence[0].at == f"{FILE}:{process.number('call')}"


def test_a_loop_in_its_selector_is_not_blocked() -> None:
    """It has just come round."""
    assert kinds(blocked({"kind": "select"})) == []


@pytest.mark.parametrize(("limit", "kind"), [(False, "thread_loop_deadlock"), (True, "blocked_loop")])
def test_a_loop_that_waits_for_itself(limit: bool, kind: str) -> None:
    """With a time limit it is only blocked."""
    assert kinds(blocked({"kind": "result", "loop": 1, "timeout": limit})) == [kind]


def test_a_loop_and_a_thread_that_wait_for_each_other() -> None:
    """Both are named."""
    process = blocked({"kind": "join", "thread": 8})
    wait = {"kind": "result", "loop": 1, "coro": "answer"}
    process.threads.append({"id": 8, "name": "worker", "stack": process.place("work"), "wait": wait})
    (finding,) = diagnose(process.looks())
    assert finding.kind == "thread_loop_deadlock"
    assert finding.members == ("thread MainThread", "thread worker")


@pytest.mark.parametrize("works", [False, True])
def test_a_task_and_its_thread_that_wait_for_each_other(works: bool) -> None:
    """The task holds a lock that the thread's coroutine wants; another thread that works may be the task's own."""
    process = Process()
    process.lock("a", "main")
    process.task("main", {"kind": "executor", "state": "running"})
    process.wants("need", "a")
    wait = {"kind": "result", "loop": 1, "coro": "need"}
    process.threads = [{"id": 8, "name": "worker", "stack": process.place("work"), "wait": wait, "pool": 5}]
    if works:
        process.threads.append({"id": 9, "name": "other", "stack": process.place("other"), "pool": 5})
    process.more["pools"] = {"5": {"most": 4, "backlog": 0}}
    assert kinds(process) == ([] if works else ["thread_loop_deadlock"])


def growing(counts: list[int], wait: dict[str, Any], made: int, *, lost: bool = True) -> list[str]:
    """What is found when so many tasks of one line are seen."""
    looks = []
    for number, count in enumerate(counts):
        process = Process()
        site = process.place("creates")
        for index in range(count):
            process.task(f"t{index}", wait, made=site)
        process.more["made"] = [(FILE, process.number("creates"), "creates", made)]
        process.more["lost"] = [task["id"] for task in process.tasks.values()] if lost else []
        looks.append(process.look(10.0 + number))
    assert all(str(finding.kind) == "task_leak" for finding in diagnose(looks))
    return [str(finding.confidence) for finding in diagnose(looks)]


@pytest.mark.parametrize(
    ("counts", "wait", "made", "found"),
    [
        ([20, 30, 40], {"kind": "future"}, 40, ["likely"]),
        ([20, 30, 40], {"kind": "sleep", "delay_s": 3600.0}, 40, ["likely"]),
        ([20, 30, 40], {"kind": "sleep", "delay_s": 30.0}, 40, []),
        ([20, 30, 40], {"kind": "outside", "how": "read"}, 40, []),
        ([20, 30, 40], {"kind": "future"}, 400, ["likely"]),
        ([40, 40, 40], {"kind": "future"}, 40, []),
        ([2, 3, 4], {"kind": "future"}, 4, []),
    ],
    ids=["leak", "sleeps long", "on its way", "clients", "others end", "a burst", "few"],
)
def test_a_leak_grows_and_never_ends(counts: list[int], wait: dict[str, Any], made: int, found: list[str]) -> None:
    """Growth alone is a busy program."""
    assert growing(counts, wait, made) == found


def test_growth_alone_is_information() -> None:
    """Clients come, workers are started: somebody can still wake them."""
    assert growing([20, 30, 40], {"kind": "Queue", "how": "get"}, 40) == ["likely"]
    assert growing([20, 30, 40], {"kind": "Queue", "how": "get"}, 40, lost=False) == ["information"]
    assert growing([20, 30, 40], {"kind": "Queue", "how": "get"}, 400, lost=False) == []


def test_what_was_never_awaited_is_told_with_its_line() -> None:
    """Where it was called."""
    process = Process()
    process.more["dropped"] = [{"name": "save", "count": 3, "at": (FILE, 5, "main"), "of": (FILE, 1)}]
    (finding,) = diagnose(process.looks())
    assert (str(finding.kind), finding.evidence[0].at) == ("never_awaited", f"{FILE}:5")


@pytest.mark.parametrize(
    ("counts", "gone", "more", "found"),
    [
        ([5, 5, 5], [0, 0, 0], {}, ["never_awaited"]),
        ([5, 4, 3], [0, 1, 2], {}, []),
        ([5, 5, 5], [0, 0, 0], {"active": True}, []),
        ([5, 5, 5], [0, 0, 0], {"kept": ""}, []),
        ([5], [0], {}, []),
        ([5, 5, 5], [0, 0, 0], {"taken": True}, []),
    ],
    ids=["forgotten", "a pool that shrinks", "others run", "about to be awaited", "one look", "taken up later"],
)
def test_coroutines_kept_and_not_begun(
    counts: list[int], gone: list[int], more: dict[str, Any], found: list[str]
) -> None:
    """Only what stays as it is, in the hands of nobody who is going to await it."""
    looks = []
    for number, count in enumerate(counts):
        process = Process()
        process.task("main", {"kind": "sleep", "delay_s": 60.0})
        row = {
            "name": "save",
            "of": (FILE, 1),
            "count": count,
            "gone": gone[number],
            "kept": "the list pending",
            **more,
        }
        process.more["unstarted"] = [row]
        looks.append(process.look(10.0 + number))
    assert [str(finding.kind) for finding in diagnose(looks) if finding.counts] == found


@given(st.lists(st.integers(0, 7), min_size=8, max_size=8), st.sets(st.integers(0, 7)))
def test_a_deadlock_is_found_exactly_where_there_is_a_circle(owners: list[int], free: set[int]) -> None:
    """Eight tasks hold a lock each and want another's, except some that go on."""
    process = Process()
    for number, owner in enumerate(owners):
        process.lock(f"lock{number}", f"task{number}")
        if number in free:
            process.task(f"task{number}", {"kind": "sleep", "delay_s": 1.0})
        else:
            process.wants(f"task{number}", f"lock{owner}")
    told = {member for finding in diagnose(process.looks()) for member in finding.members}
    in_circle = set()
    for start in range(8):
        walk = [start]
        while walk[-1] not in free and len(walk) <= 8:
            walk.append(owners[walk[-1]])
            if walk[-1] == start:
                in_circle |= {f"task{before} (Task-task{before})" for before, _ in pairwise(walk)}
                break
    assert told == in_circle


@pytest.mark.parametrize("answer", [{}, [], {"pid": 1}, {"pid": 1, "ppid": 1, "python": "3", "at_s": 1, "tasks": [1]}])
def test_an_answer_that_is_none_is_refused(answer: Any) -> None:
    """It comes out of somebody else's program."""
    with pytest.raises(ValueError, match=r".+"):
        read_look(answer)


def joined(*, marked: bool | None, unfinished: int = 3) -> Process:
    """A main task that joins a queue from which all has been taken."""
    process = Process()
    process.queue("q", joined=True, marked=marked, unfinished=unfinished)
    process.wants("main", "q", "join")
    process.wants("worker", "q", "get")
    return process


@pytest.mark.parametrize(("marked", "found"), [(False, ["stuck_queue"]), (True, []), (None, [])])
def test_a_join_is_stuck_when_nobody_is_left_to_mark_an_item(marked: bool | None, found: list[str]) -> None:
    """Workers that are at their items know task_done()."""
    assert kinds(joined(marked=marked)) == found


@pytest.mark.parametrize(
    ("more", "found"),
    [({}, ["stuck_queue"]), ({"left": []}, []), ({"getters": 1}, [])],
    ids=["its consumer died", "a slow one lives", "another waits for items"],
)
def test_a_full_queue_whose_consumer_died_unnoticed(more: dict[str, Any], found: list[str]) -> None:
    """Whoever knows the queue."""
    process = Process()
    process.task("health", {"kind": "sleep", "delay_s": 1.0})
    died = {"name": "consumer", "error": "ValueError", "at": (FILE, 1, "consumer")}
    process.queue("q", size=2, most=2, putters=1, **{"left": [died], "getters": 0, "free": True, **more})
    process.wants("producer", "q", "put")
    assert kinds(process) == found


def test_a_join_whose_items_become_fewer_is_well() -> None:
    """Whatever was said of the others."""
    assert diagnose([joined(marked=False, unfinished=left).look(10.0 + 3 - left) for left in (3, 2, 1)]) == []


@pytest.mark.parametrize(("free", "size", "found"), [(False, 0, ["exhausted_pool"]), (True, 0, []), (False, 1, [])])
def test_a_queue_that_lends_is_a_pool(free: bool, size: int, found: list[str]) -> None:
    """All who wait for an item would bring theirs back later; nobody else knows the queue."""
    process = Process()
    process.queue("pool", pool=True, size=size)
    process.things["pool"]["free"] = free
    process.wants("one", "pool", "get")
    process.wants("two", "pool", "get")
    assert kinds(process) == found


@pytest.mark.parametrize(
    ("thing", "alone", "awaited", "found"),
    [
        ({"kind": "Barrier", "is": "barrier", "size": 1, "most": 2}, True, True, ["starved_consumer"]),
        ({"kind": "Condition", "is": "condition"}, True, True, ["starved_consumer"]),
        ({"kind": "Condition", "is": "condition"}, False, True, []),
        ({"kind": "Condition", "is": "condition"}, None, True, []),
        ({"kind": "Condition", "is": "condition"}, True, False, []),
        ({"kind": "Event", "is": "event"}, True, True, []),
    ],
    ids=["barrier", "condition", "somebody knows", "nobody asked", "nobody waits for it", "a way to run for ever"],
)
def test_what_nobody_alive_knows_cannot_come(
    thing: dict[str, Any], alone: bool | None, awaited: bool, found: list[str]
) -> None:
    """In a process that goes on, where something else would be told by nobody."""
    process = Process()
    process.task("ticks", {"kind": "sleep", "delay_s": 1.0})
    process.things["thing"] = {**thing, "alone": alone}
    process.wants("waits", "thing", "wait")
    if awaited:
        process.waits_for("main", "waits")
    assert kinds(process) == found
    if thing["kind"] == "Event":  # but one that has been made anew since is a mistake
        process.tasks["waits"]["wait"]["replaced"] = True
        assert kinds(process) == ["starved_consumer"]


@pytest.mark.parametrize(("setters", "found"), [(["worker"], ["likely"]), ([], [])])
def test_who_waits_for_an_answer_holds_what_the_answer_needs(setters: list[str], found: list[str]) -> None:
    """A future that one task alone would set is a wait for that task."""
    process = Process()
    process.lock("a", "main")
    process.task("main", {"kind": "future"})
    process.wants("worker", "a")
    process.more["setters"] = {process.number("main"): [process.number(name) for name in setters]}
    assert [str(finding.confidence) for finding in diagnose(process.looks())] == found


@pytest.mark.parametrize(
    ("more", "how", "found"),
    [
        ({"swallowed": True, "again": True, "expired": True}, "gather", ["likely"]),
        ({"swallowed": True, "again": True}, "cancel", ["likely"]),
        ({"swallowed": True}, "cancel", ["information"]),
        ({"swallowed": True, "again": True}, "gather", []),
        ({}, "cancel", []),
    ],
    ids=["time is up", "somebody waits for it", "left its loop", "cancelled at some time", "cleans up"],
)
def test_who_was_cancelled_and_goes_on(more: dict[str, Any], how: str, found: list[str]) -> None:
    """Who cleans up is left in peace, and so is who was cancelled for a time limit of some library."""
    process = Process()
    process.task("stubborn", {"kind": "sleep", "delay_s": 1000.0}, **more)
    process.task("main", {"kind": "task", "how": how, "tasks": [process.number("stubborn")]})
    assert [str(one.confidence) for one in diagnose(process.looks()) if one.kind == "cancel_ignored"] == found


def test_permits_of_tasks_that_died_are_lost_whoever_knows_them() -> None:
    """A task that hands on its permit ends well; requests that come in know the semaphore all the time."""
    process = Process()
    process.semaphore("limit", "one", "two", ended=True)
    process.things["limit"]["free"] = True
    process.wants("waits", "limit")
    assert kinds(process) == []
    for holder in process.things["limit"]["holders"]:
        holder["died"] = "ValueError"
    assert kinds(process) == ["exhausted_pool"]


def crossed_threads(*, limit: bool = False) -> Process:
    """Two threads, each with a lock that the other wants."""
    process = Process()
    process.task("main", {"kind": "executor", "state": "running"})
    for number, wants, has in ((8, 1, 2), (9, 2, 1)):
        wait = {"kind": "lock", "how": "lock", "lock": wants, "timeout": limit}
        held = [{"lock": has, "at": (FILE, 100 + has, "work")}]
        stack = process.place(f"work{number}")
        process.threads.append(
            {"id": number, "name": f"t{number}", "stack": stack, "wait": wait, "pool": 5, "locks": held}
        )
    return process


def test_threads_that_wait_for_locks_of_each_other() -> None:
    """Both lines of both; nothing where one has a time limit, or where a lock changed hands between the looks."""
    process = crossed_threads()
    (finding,) = diagnose(process.looks())
    assert (str(finding.kind), str(finding.confidence)) == ("deadlock", "likely")
    assert {f"{FILE}:101", f"{FILE}:102"} <= {one.at for one in finding.evidence}
    assert finding.victims == ("main (Task-main)",)
    assert kinds(crossed_threads(limit=True)) == []
    looks = process.looks()[:2]
    process.threads[0]["locks"] = [{"lock": 2, "at": (FILE, 200, "again")}]
    assert diagnose([*looks, process.look(13.0)]) == []


def test_a_loop_that_waits_for_its_own_callback() -> None:
    """An event of threads that call_soon() would set."""
    assert kinds(blocked({"kind": "lock", "how": "threading.Event.wait", "loop": 1})) == ["thread_loop_deadlock"]
    assert kinds(blocked({"kind": "lock", "how": "threading.Event.wait"})) == ["blocked_loop"]


def group_with_a_reader(wait: dict[str, Any], *, fails: bool) -> Process:
    """A task that holds a lock and waits for a group: one of it wants the lock, the other one does something else."""
    process = Process()
    process.lock("a", "main")
    process.wants("wants", "a")
    process.task("reader", wait)
    process.waits_for("main", "wants", "reader")
    process.tasks["main"]["wait"]["fails"] = fails
    return process


@pytest.mark.parametrize(
    ("stuck", "fails", "found"),
    [(False, True, ["information"]), (False, False, ["certain"]), (True, True, ["certain"])],
    ids=["one may fail", "none ends it", "all are stuck"],
)
def test_a_group_ends_when_one_of_it_fails(stuck: bool, fails: bool, found: list[str]) -> None:
    """Then the one that is stuck is cancelled: a connection that is closed, the first of a race."""
    process = group_with_a_reader({"kind": "sleep", "delay_s": 8.0}, fails=fails)
    if stuck:
        process.waits_for("reader", "main")
    findings = diagnose(process.looks())
    assert [str(finding.confidence) for finding in findings] == found
    assert ("only if reader fails" in findings[0].summary) is (found == ["information"])


@pytest.mark.parametrize(
    ("around", "found"),
    [
        ({"how": "wait", "timeout": True, "cancels": [2]}, "information"),
        ({"how": "wait", "timeout": True}, "certain"),
        ({"how": "wait_for", "timeout": True}, "likely"),
        ({"how": "TaskGroup", "fails": True}, "likely"),
        ({"how": "gather", "fails": True}, "certain"),
        ({"kind": "sleep", "cancels": [2]}, "likely"),
        ({"kind": "sleep", "cancels": [999]}, "certain"),
    ],
)
def test_who_waits_for_a_circle_may_break_it(around: dict[str, Any], found: str) -> None:
    """A supervisor that gives up on it, a time limit, a group with others in it."""
    process = circle()
    process.task("beats", {"kind": "sleep", "delay_s": 1.0})
    tasks = [process.number(name) for name in ("one", "two", "beats")]
    process.task("main", {"kind": "task", "tasks": tasks, **around})
    (finding,) = diagnose(process.looks())
    assert str(finding.confidence) == found


@pytest.mark.parametrize(
    ("names", "said"),
    [
        (("transfer", "audit"), "transfer and audit"),
        (("Task-2", "Task-3"), "x (Task-2) and x (Task-3)"),
        (("__main__.x", "__main__.x"), "x (1) and x (2)"),
    ],
)
def test_tasks_of_one_function_are_told_apart(names: tuple[str, str], said: str) -> None:
    """By the names that the program gave them, else by asyncio's."""
    process = circle()
    for key, name in zip(("one", "two"), names, strict=True):
        process.tasks[key] |= {"name": name, "coro": "x", "stack": None}
    (finding,) = diagnose(process.looks())
    assert finding.summary == f"{said} wait for each other and can never go on"
    assert len(finding.evidence) == 4
