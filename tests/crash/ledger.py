"""The ledger of a laboratory: what a server acknowledged, and whether it kept it."""
import http.client
import pathlib
import random
import threading
import time

from harness import Client, Failure, check


class Ledger:
    def __init__(self):
        self.lock = threading.Lock()
        self.created = {}    # id -> [name, mobile, idempotency key]
        self.reads = {}      # id -> acknowledged reads
        self.erasing = set()  # asked to erase; may be gone
        self.erased = set()  # acknowledged as gone
        self.twins = {}      # (id, id) -> "together", "apart", or "" while neither is acknowledged
        self.number = 0
        self.acknowledged = time.monotonic()  # when a write was, last
        self.gap = 0.0                        # the longest time without one

    def tick(self):
        now = time.monotonic()
        self.gap = max(self.gap, now - self.acknowledged)
        self.acknowledged = now

    def next(self):
        with self.lock:
            self.number += 1
            return self.number

    def summary(self):
        return (f"{len(self.created)} creations, {sum(self.reads.values())} reads and "
                f"{len(self.erased)} erasures acknowledged, {len(self.twins)} pairs merged or parted")


def creation(n):
    name, mobile = f"Crash Tester {'abcdefghij'[n % 10]}", f"+86139{n:08d}"
    return [name, mobile, f"k{n}"], {"kind": "person", "fields": {"name_full": name, "mobile": mobile},
                                     "source": "crash", "basis": "contract"}


QUALITY = {"Fiducia-Purpose": "data_quality"}


def merges_of(client, first):
    status, answer = client.call("GET", f"/api/v1/customers/{first}/merges", **QUALITY)
    check(status == 200, f"merges gave {status} {answer}")
    return answer["merges"]


def twin_step(client, ledger, rng):
    """Makes two records of one person and merges them, or parts two that were merged."""
    with ledger.lock:
        together = [pair for pair, state in list(ledger.twins.items())[-50:] if state == "together"]
    if together and rng.random() < 0.5:
        pair = rng.choice(together)
        with ledger.lock:
            if ledger.twins[pair] != "together":
                return  # another client is at it
            ledger.twins[pair] = ""
        for merge in merges_of(client, pair[0]):
            status, answer = client.call("DELETE", f"/api/v1/customers/{pair[0]}/merges/{merge['id']}", **QUALITY)
            check(status in (200, 204), f"parting gave {status} {answer}")
        with ledger.lock:
            ledger.twins[pair] = "apart"
        return
    ids = []
    for _ in range(2):
        kept, body = creation(ledger.next())
        status, answer = client.call("POST", "/api/v1/customers", body, **{"Idempotency-Key": kept[2]})
        check(status == 201, f"create gave {status} {answer}")
        ids.append(answer["id"])
    pair = tuple(ids)
    with ledger.lock:
        ledger.twins[pair] = ""
    status, answer = client.call("POST", f"/api/v1/matching/pairs/{pair[0]}/{pair[1]}", {"decision": "merge"}, **QUALITY)
    check(status == 200, f"merging gave {status} {answer}")
    with ledger.lock:
        ledger.twins[pair] = "together"


def verify_twins(client, ledger):
    """Two records stand together or apart, never halfway, and as was acknowledged."""
    with ledger.lock:
        twins = list(ledger.twins.items())[-100:]
    for (first, second), state in twins:
        joined = [merge["joined"] for merge in merges_of(client, first)]
        status, answer = client.call("GET", f"/api/v1/customers/{second}")
        check(status == 200, f"a merged customer gave {status} {answer}")
        shown = answer["id"] == first
        check(shown == (joined == [second]), "two records are merged by half")
        check(state == "" or shown == (state == "together"), f"what was acknowledged as {state} is not so")


def one_step(client, ledger, rng, patient=False):
    """One request. `patient`: what fails for want of a server is tried again under the same key."""
    draw = rng.random()
    if not patient and draw > 0.96:
        return twin_step(client, ledger, rng)
    with ledger.lock:
        living = [c for c in list(ledger.created)[-400:] if c not in ledger.erasing]
    if draw < 0.5 or not living:
        kept, body = creation(ledger.next())
        status, answer = client.call("POST", "/api/v1/customers", body, **{"Idempotency-Key": kept[2]})
        while patient and status == 503:
            status, answer = client.call("POST", "/api/v1/customers", body, **{"Idempotency-Key": kept[2]})
        check(status == 201, f"create gave {status} {answer}")
        with ledger.lock:
            ledger.created[answer["id"]] = kept
            ledger.tick()
        return
    customer = rng.choice(living)
    if draw < 0.52:
        with ledger.lock:
            ledger.erasing.add(customer)
        status, answer = client.call("DELETE", f"/api/v1/customers/{customer}",
                                     **{"Fiducia-Purpose": "legal_compliance"})
        check(status in (200, 404, 410) or patient and status == 503, f"erase gave {status} {answer}")
        if status != 503:
            with ledger.lock:
                ledger.erased.add(customer)
        return
    status, answer = client.call("GET", f"/api/v1/customers/{customer}")
    if status in (404, 410) and customer in ledger.erasing or patient and status == 503:
        return
    check(status == 200, f"read gave {status} {answer}")
    with ledger.lock:
        ledger.reads[customer] = ledger.reads.get(customer, 0) + 1


def load(port, key, ledger, stop, seed, patient=False):
    """Works until `stop` is set or the server is gone."""
    rng = random.Random(seed)
    try:
        client = Client(port, key)
        while not stop.is_set():
            one_step(client, ledger, rng, patient)
    except (OSError, http.client.HTTPException):
        pass  # the server was killed


class Load:
    """Several clients at once."""

    def __init__(self, port, key, ledger, seed, clients=3, patient=False):
        self.stopping = threading.Event()
        self.failures = []

        def work(number):
            try:
                load(port, key, ledger, self.stopping, seed * 10 + number, patient)
            except Failure as failure:
                self.failures.append(failure)

        self.threads = [threading.Thread(target=work, args=(i,)) for i in range(clients)]
        for thread in self.threads:
            thread.start()

    def finish(self):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        if self.failures:
            raise self.failures[0]


def verify(client, ledger, sample, rng):
    """Looks at the newest, at some of all, and at every erased customer."""
    with ledger.lock:
        living = [c for c in ledger.created if c not in ledger.erasing]
        gone = list(ledger.erased)
    for customer in living[-200:] + rng.sample(living, min(sample, len(living))):
        name, mobile, _ = ledger.created[customer]
        status, answer = client.call("POST", f"/api/v1/customers/{customer}/reveal",
                                     {"fields": ["name_full", "mobile"], "reason": "crash check"})
        check(status == 200, f"an acknowledged customer is lost: {status} {answer}")
        check(answer["fields"]["name_full"][0]["value"] == name, "a name differs")
        check(answer["fields"]["mobile"][0]["value"] == mobile, "a number differs")
        reads, cursor = 0, ""
        while True:
            status, page = client.call("GET", f"/api/v1/customers/{customer}/accesses?limit=100{cursor}")
            check(status == 200, f"accesses gave {status}")
            reads += sum(a["operation"] == "read" for a in page["accesses"])
            if not page["next"]:
                break
            cursor = f"&cursor={page['next']}"
        check(reads >= ledger.reads.get(customer, 0), "an acknowledged read has no leaf")
    verify_twins(client, ledger)
    for customer in gone[-100:] + rng.sample(gone, min(sample, len(gone))):
        status, answer = client.call("GET", f"/api/v1/customers/{customer}")
        check(status in (404, 410), f"an erased customer came back: {status}")


def find_plaintext(folders, ledger):
    """No file of a killed server holds a name or a number that it was given."""
    markers = [b"Crash Tester"]
    for _, mobile, _ in list(ledger.created.values())[-20:]:
        markers += [mobile.encode(), mobile[3:].encode()]
    for folder in folders:
        for path in pathlib.Path(folder).rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                for marker in markers:
                    check(marker not in content, f"plaintext in {path.name}")
