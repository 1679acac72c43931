"""A bot in processes of Python's own: `python workers.py START_METHOD`; prints which process answered what."""

from __future__ import annotations

import multiprocessing
import sys
from concurrent.futures import ProcessPoolExecutor

from support import reply

import convqa_sdk as convqa


def alone(conversation_id: str) -> None:
    """Answer in a process that was started for it."""
    convqa.configure()
    report(conversation_id, reply(conversation_id))


def report(conversation_id: str, process: int) -> None:
    """Say who answered."""
    print(conversation_id, process, flush=True)


def main() -> None:
    """Answer in this process, in single processes, in a pool, and in an executor."""
    method = multiprocessing.get_context(sys.argv[1])
    convqa.configure()
    report("here", reply("here"))
    child = method.Process(target=alone, args=("alone",))
    child.start()
    names = [f"pool-{n}" for n in range(8)]
    pool = method.Pool(2, initializer=convqa.configure)
    for name, process in zip(names, pool.map(reply, names, chunksize=1), strict=True):
        report(name, process)
    pool.close()
    names = [f"executor-{n}" for n in range(8)]
    with ProcessPoolExecutor(1, mp_context=method, initializer=convqa.configure) as executor:
        for name, process in zip(names, executor.map(reply, names), strict=True):
            report(name, process)
    pool.join()
    child.join()
    assert child.exitcode == 0


if __name__ == "__main__":
    main()
