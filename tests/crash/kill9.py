#!/usr/bin/env python3
"""Kills the server with SIGKILL at random moments under load and checks what is left.

Each round: start the server; create, read and change customers over HTTPS while an import runs; kill it
after 30 to 1,500 ms; start again and check that
  - every acknowledged creation is there, whole, with the values that were sent,
  - every acknowledged read has its leaf in the customer's access history,
  - the audit log verifies, files and database,
  - no file holds a name or a number in clear,
and at the end that the import, killed many times and run again, brought every row exactly once.

kill -9 keeps the page cache: this proves atomicity and recovery, not fsync.
"""
import argparse
import http.client
import json
import os
import pathlib
import random
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time

CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE


class Failure(Exception):
    pass


def check(good, what):
    if not good:
        raise Failure(what)


class Server:
    def __init__(self, binary, home):
        self.process = subprocess.Popen(
            [binary, "--home", home, "--json", "serve", "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        line = self.process.stdout.readline()
        check(line, "the server did not start")
        self.port = int(json.loads(line)["listening"].rsplit(":", 1)[1])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        check(self.process.wait(timeout=30) == 0, "the server did not stop cleanly")


class Client:
    def __init__(self, port, key):
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, context=CONTEXT, timeout=10)
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json",
                        "Fiducia-Purpose": "service"}

    def call(self, method, path, body=None, **more):
        self.connection.request(method, path, json.dumps(body) if body is not None else None,
                                {**self.headers, **more})
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else {}


class Ledger:
    """What was acknowledged."""

    def __init__(self):
        self.lock = threading.Lock()
        self.created = {}  # id -> [name, mobile]
        self.reads = {}    # id -> acknowledged reads
        self.number = 0

    def next(self):
        with self.lock:
            self.number += 1
            return self.number


def load(port, key, ledger, stop, seed):
    rng = random.Random(seed)
    try:
        client = Client(port, key)
        while not stop.is_set():
            if rng.random() < 0.5 or not ledger.created:
                n = ledger.next()
                name, mobile = f"Crash Tester {'abcdefghij'[n % 10]}", f"+86139{n:08d}"
                status, answer = client.call(
                    "POST", "/api/v1/customers",
                    {"kind": "person", "fields": {"name_full": name, "mobile": mobile},
                     "source": "crash", "basis": "contract"}, **{"Idempotency-Key": f"k{n}"})
                check(status == 201, f"create gave {status} {answer}")
                with ledger.lock:
                    ledger.created[answer["id"]] = [name, mobile]
            else:
                with ledger.lock:
                    customer = rng.choice(list(ledger.created))
                status, answer = client.call("GET", f"/api/v1/customers/{customer}")
                check(status == 200, f"read gave {status} {answer}")
                with ledger.lock:
                    ledger.reads[customer] = ledger.reads.get(customer, 0) + 1
    except (OSError, http.client.HTTPException):
        pass  # the server was killed


def verify_log(binary, home):
    done = subprocess.run([binary, "--home", home, "--json", "audit", "verify"],
                          capture_output=True, text=True)
    check(done.returncode == 0, f"the audit log does not verify: {done.stdout}")


def verify_customers(client, ledger, sample, rng):
    ids = list(ledger.created)
    for customer in ids[-200:] + rng.sample(ids, min(sample, len(ids))):
        name, mobile = ledger.created[customer]
        status, answer = client.call("POST", f"/api/v1/customers/{customer}/reveal",
                                     {"fields": ["name_full", "mobile"], "reason": "crash check"})
        check(status == 200, f"an acknowledged customer is lost: {status} {answer}")
        check(answer["fields"]["name_full"][0]["value"] == name, "a name differs")
        check(answer["fields"]["mobile"][0]["value"] == mobile, "a number differs")
        reads, cursor = 0, ""
        while True:
            status, page = client.call(
                "GET", f"/api/v1/customers/{customer}/accesses?limit=100{cursor}",
                **{"Fiducia-Purpose": "service"})
            check(status == 200, f"accesses gave {status}")
            reads += sum(a["operation"] == "read" for a in page["accesses"])
            if not page["next"]:
                break
            cursor = f"&cursor={page['next']}"
        check(reads >= ledger.reads.get(customer, 0), "an acknowledged read has no leaf")


def find_plaintext(home, ledger):
    """No file of a killed server holds a name or a number that it was given."""
    markers = [b"Crash Tester"]
    for _, mobile in list(ledger.created.values())[-20:]:
        markers += [mobile.encode(), mobile[3:].encode()]
    for path in pathlib.Path(home).rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            for marker in markers:
                check(marker not in content, f"plaintext in {path.name}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default="build/fiducia")
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--rows", type=int, default=0, help="of the import; 0: 2,500 a round")
    arguments = parser.parse_args()
    binary = os.path.abspath(arguments.binary)
    rng = random.Random(arguments.seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fiducia-crash-"))
    home = str(folder / "home")
    run = lambda *args: subprocess.run([binary, "--home", home, "--json", *args],
                                       capture_output=True, text=True, check=False)
    ledger = Ledger()
    finished = False
    try:
        check(run("init").returncode == 0, "init failed")
        key = json.loads(run("keys", "add-service", "--role", "operator").stdout)["key"]
        run("source", "add", "crash", "--channel", "api", "--owner", "ops")
        rows = arguments.rows or 2500 * arguments.rounds
        table = folder / "people.csv"
        run("demo", "--customers", str(rows), "--seed", "9", "--out", str(table))
        mapping = folder / "mapping.toml"
        mapping.write_text(run("import", str(table), "--suggest").stdout and json.loads(
            run("import", str(table), "--suggest").stdout)["mapping"])
        importing = [binary, "--home", home, "--json", "import", str(table), "--mapping", str(mapping),
                     "--source", "crash", "--basis", "contract", "--purpose", "service"]
        started = time.time()
        for number in range(1, arguments.rounds + 1):
            server = Server(binary, home)
            stop = threading.Event()
            errors = []

            def guarded(seed, port=server.port, end=stop):
                try:
                    load(port, key, ledger, end, seed)
                except Failure as failure:
                    errors.append(failure)

            threads = [threading.Thread(target=guarded, args=(number * 10 + i,)) for i in range(3)]
            for thread in threads:
                thread.start()
            bringing = subprocess.Popen(importing, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            time.sleep(rng.uniform(0.03, 1.5))
            server.kill()
            stop.set()
            for thread in threads:
                thread.join()
            # Without a server the command would open the home itself: end it where it stands.
            bringing.kill()
            bringing.wait()
            if errors:
                raise errors[0]
            find_plaintext(home, ledger)
            server = Server(binary, home)
            verify_customers(Client(server.port, key), ledger, 20, rng)
            if number % 10 == 0:
                server.stop()
            else:
                server.kill()
            verify_log(binary, home)
            if sys.stderr.isatty() or number % 20 == 0:
                print(f"round {number}: {len(ledger.created)} created, "
                      f"{sum(ledger.reads.values())} reads acknowledged", file=sys.stderr)
        done = subprocess.run(importing, capture_output=True, text=True)
        check(done.returncode == 0, f"the import does not finish: {done.stdout} {done.stderr}")
        counts = json.loads(done.stdout)["counts"]
        check(counts["rows"] == rows, f"rows are missing: {counts}")
        check(counts["accepted"] + counts["quarantined"] == rows, f"rows are lost: {counts}")
        again = json.loads(subprocess.run(importing, capture_output=True, text=True).stdout)["counts"]
        check(again["created"] == 0, f"a second run added customers: {again}")
        verify_log(binary, home)
        finished = True
        print(f"{arguments.rounds} rounds of kill -9 in {time.time() - started:.0f} s: "
              f"{len(ledger.created)} creations and {sum(ledger.reads.values())} reads acknowledged, "
              f"none lost; import of {rows} rows exactly once; audit log whole")
    except Failure as failure:
        print(f"FAILED: {failure} (kept in {folder})")
    if finished:
        shutil.rmtree(folder)
    return 0 if finished else 1


if __name__ == "__main__":
    sys.exit(main())
