#!/usr/bin/env python3
"""Kills the server with SIGKILL at random moments under load and checks what is left.

Each round: start the server; create, read, merge, part and erase customers over HTTPS while an import runs; kill it
after 30 to 1,500 ms; start again and check that
  - every acknowledged creation is there, whole, with the values that were sent,
  - every acknowledged read has its leaf in the customer's access history,
  - no erased customer comes back,
  - two records that were merged stand together or apart, never halfway,
  - the audit log verifies, files and database,
  - no file holds a name or a number in clear,
and at the end that the import, killed many times and run again, brought every row exactly once.

kill -9 keeps the page cache: this proves atomicity and recovery, not fsync.
"""
import argparse
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import time

sys.path[:0] = [str(pathlib.Path(__file__).parents[1]), str(pathlib.Path(__file__).parents[1] / "pg")]
from cluster import Cluster  # noqa: E402
from harness import Client, Failure, Home, Server, check  # noqa: E402
from ledger import Ledger, Load, find_plaintext, verify  # noqa: E402


class Laboratory:
    def __init__(self, arguments, folder, cluster):
        self.arguments = arguments
        self.cluster = cluster
        self.home = Home(arguments.binary, folder / "home")
        self.rng = random.Random(arguments.seed)
        self.ledger = Ledger()
        store = ["--store", cluster.dsn("fiducia"), "--keys-store", cluster.dsn("fiducia_keys")] if cluster else []
        self.home.answer("init", *store)
        self.key = self.home.answer("keys", "add-service", "--role", "operator")["key"]
        self.home.answer("source", "add", "crash", "--channel", "api", "--owner", "ops")
        self.rows = arguments.rows or 2500 * arguments.rounds
        table, mapping = folder / "people.csv", folder / "mapping.toml"
        self.home.run("demo", "--customers", self.rows, "--seed", "9", "--out", table)
        mapping.write_text(self.home.answer("import", table, "--suggest")["mapping"])
        self.importing = ["import", table, "--mapping", mapping, "--source", "crash",
                          "--basis", "contract", "--purpose", "service"]

    def verify_log(self):
        done = self.home.run("audit", "verify")
        check(done.returncode == 0, f"the audit log does not verify: {done.stdout}")

    def round(self, number):
        server = Server(self.home)
        load = Load(server.port, self.key, self.ledger, number)
        bringing = subprocess.Popen([self.home.binary, "--home", self.home.folder, *map(str, self.importing)],
                                    stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(self.rng.uniform(0.03, 1.5))
        server.kill()
        # Without a server the command would open the home itself: end it where it stands.
        bringing.kill()
        bringing.wait()
        load.finish()
        find_plaintext([self.home.folder] + ([self.cluster.folder] if self.cluster else []), self.ledger)
        server = Server(self.home)
        verify(Client(server.port, self.key), self.ledger, 20, self.rng)
        if number % 10 == 0:
            server.stop()
        else:
            server.kill()
        self.verify_log()

    def finish_import(self):
        counts = self.home.answer(*self.importing)["counts"]
        check(counts["rows"] == self.rows, f"rows are missing: {counts}")
        check(counts["accepted"] + counts["quarantined"] == self.rows, f"rows are lost: {counts}")
        again = self.home.answer(*self.importing)["counts"]
        check(again["created"] == 0, f"a second run added customers: {again}")
        self.verify_log()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default="build/fiducia")
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=0, help="of the import; 0: 2,500 a round")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fiducia-crash-"))
    cluster = None
    finished = False
    try:
        if arguments.engine == "postgres":
            cluster = Cluster().create().start()
            for database in ("fiducia", "fiducia_keys"):
                cluster.sql(f"CREATE DATABASE {database}")
        laboratory = Laboratory(arguments, folder, cluster)
        started = time.time()
        for number in range(1, arguments.rounds + 1):
            laboratory.round(number)
            if sys.stderr.isatty() or number % 20 == 0:
                print(f"round {number}: {laboratory.ledger.summary()}", file=sys.stderr)
        laboratory.finish_import()
        finished = True
        print(f"{arguments.engine}: {arguments.rounds} rounds of kill -9 in {time.time() - started:.0f} s: "
              f"{laboratory.ledger.summary()}, none lost, none revived; import of {laboratory.rows} rows "
              "exactly once; audit log whole")
    except Failure as failure:
        print(f"FAILED: {failure} (kept in {folder})")
    if cluster:
        cluster.remove()
    if finished:
        shutil.rmtree(folder)
    return 0 if finished else 1


if __name__ == "__main__":
    sys.exit(main())
