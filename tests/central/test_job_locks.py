"""Jobs exclude only themselves."""

from collections import Counter

from central.jobs import JOBS


def test_each_job_has_a_lock_and_a_name_of_its_own() -> None:
    assert max(Counter(job.lock for job in JOBS).values()) == 1
    assert max(Counter(job.name for job in JOBS).values()) == 1
