#!/usr/bin/env python3
"""Kills the PostgreSQL primary under load and promotes its synchronous standby, again and again.

The server keeps running and finds the new primary by itself; clients repeat what got no answer under the
same Idempotency-Key. Every round checks that nothing acknowledged is lost and reports how long writes stood
still; the end checks that repeats added nothing.
"""
import argparse
import pathlib
import random
import shutil
import statistics
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).parents[1]), str(pathlib.Path(__file__).parents[1] / "pg")]
from cluster import Cluster  # noqa: E402
from harness import Client, Failure, Home, Server, check  # noqa: E402
from ledger import Ledger, Load, verify  # noqa: E402


def protect(primary, standby):
    """Makes `standby` follow `primary`; from here on a commit waits for both."""
    standby.standby_of(primary).start()
    primary.sql("ALTER SYSTEM SET synchronous_standby_names='*'")
    primary.sql("SELECT pg_reload_conf()")
    until = time.time() + 30
    while primary.sql("SELECT COUNT(*) FROM pg_stat_replication WHERE sync_state='sync'") != "1":
        check(time.time() < until, "the standby does not follow")
        time.sleep(0.05)
    # Commits wait only once the checkpointer has read the new setting: it does before its next work.
    primary.sql("CHECKPOINT")


def take_over(primary, standby):
    primary.kill()
    started = time.monotonic()
    standby.promote()
    # It inherited the wish for a standby of its own: without one every write would wait.
    standby.sql("ALTER SYSTEM SET synchronous_standby_names=''")
    standby.sql("SELECT pg_reload_conf()")
    return time.monotonic() - started


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default="build/fiducia")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fiducia-failover-"))
    rng = random.Random(arguments.seed)
    ledger = Ledger()
    home = Home(arguments.binary, folder / "home")
    primary, standby = Cluster().create().start(), Cluster()
    server = None
    finished = False
    try:
        for database in ("fiducia", "fiducia_keys"):
            primary.sql(f"CREATE DATABASE {database}")
        protect(primary, standby)
        both = f"{primary.folder},{standby.folder}"
        home.answer("init", "--store", f"postgresql://fiducia@/fiducia?host={both}",
                    "--keys-store", f"postgresql://fiducia@/fiducia_keys?host={both}")
        key = home.answer("keys", "add-service", "--role", "operator")["key"]
        home.answer("source", "add", "crash", "--channel", "api", "--owner", "ops")
        server = Server(home)
        gaps, promotions = [], []
        for number in range(arguments.rounds):
            load = Load(server.port, key, ledger, number, patient=True)
            time.sleep(rng.uniform(0.2, 1.0))
            ledger.gap = 0.0
            promotions.append(take_over(primary, standby))
            primary, standby = standby, primary
            time.sleep(1.0)
            load.finish()
            gaps.append(ledger.gap)
            verify(Client(server.port, key), ledger, 20, rng)
            protect(primary, standby)
        server.stop()
        server = None
        check(home.run("audit", "verify").returncode == 0, "the audit log does not verify")
        stored = int(primary.sql("SELECT COUNT(*) FROM fiducia_data.subjects", "fiducia"))
        # An erasure whose answer was lost may or may not have happened.
        check(len(ledger.created) - len(ledger.erasing) <= stored <= len(ledger.created) - len(ledger.erased),
              f"{stored} customers are stored, {len(ledger.created)} were made, {len(ledger.erased)} erased")
        finished = True
        print(f"{arguments.rounds} primaries killed under load: {ledger.summary()}, none lost, none twice; "
              f"writes stood still {statistics.median(gaps) * 1000:.0f} ms (median), {max(gaps) * 1000:.0f} ms "
              f"(longest), of which promotion took {statistics.median(promotions) * 1000:.0f} ms")
    except Failure as failure:
        print(f"FAILED: {failure} (kept in {folder})")
    if server:
        server.kill()
    for cluster in (primary, standby):
        cluster.remove()
    if finished:
        shutil.rmtree(folder)
    return 0 if finished else 1


if __name__ == "__main__":
    sys.exit(main())
