#!/usr/bin/env python3
"""Connectors against real peers: PostgreSQL, MariaDB, Dovecot, NATS, an HTTPS server and a sender of signed webhooks.

While records come, the service and the peer are killed (SIGKILL) and started again, each ROUNDS times. Nothing may be
lost and nothing doubled: every record is one customer with one entry on the timeline.

    connectors.py [--binary PATH] [--rounds N] [--records N] [--only KIND]
"""
import argparse
import base64
import hashlib
import hmac
import http.server
import json
import os
import pathlib
import random
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "pg"))
from cluster import Cluster  # noqa: E402

SECRET = "a shared secret for the peers"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def wait_for(port, seconds=30):
    until = time.time() + seconds
    while time.time() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 0.5).close()
            return
        except OSError:
            time.sleep(0.05)
    raise SystemExit(f"nothing listens on {port}")


class Process:
    """Something that is killed without a word and started again."""

    def __init__(self, words, port, folder, **options):
        self.words, self.port, self.folder, self.options = [str(w) for w in words], port, folder, options
        self.process = None

    def start(self):
        log = open(self.folder / "log", "ab")
        self.process = subprocess.Popen(self.words, stdout=log, stderr=log, start_new_session=True, **self.options)
        wait_for(self.port)
        return self

    def kill(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


def certificate(folder):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                    "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-keyout", folder / "key.pem", "-out", folder / "cert.pem"], check=True, capture_output=True)
    return (folder / "cert.pem").read_text()


class House:
    """The service, with a key that counts."""

    def __init__(self, binary):
        self.binary = binary
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="fiducia-peers-"))
        self.home.rmdir()
        self.run("init")
        self.run("source", "add", "peer", "--channel", "api", "--owner", "sales")
        self.key = json.loads(self.run("--json", "keys", "add-service", "--role", "steward", "--label", "count"))["key"]
        self.reader = json.loads(self.run("--json", "keys", "add-service", "--role", "agent", "--label", "read"))["key"]
        self.port = free_port()
        self.process = None

    def run(self, *words):
        done = subprocess.run([self.binary, "--home", self.home, *words], capture_output=True, text=True)
        if done.returncode != 0:
            raise SystemExit(f"fiducia {' '.join(map(str, words))}: {done.stderr or done.stdout}")
        return done.stdout

    def start(self):
        log = open(str(self.home) + ".log", "ab")
        self.process = subprocess.Popen([self.binary, "--home", self.home, "serve", "--listen", f"127.0.0.1:{self.port}"],
                                        stdout=log, stderr=log)
        wait_for(self.port)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def call(self, method, path, body=None, purpose="data_quality", key=None, headers=None):
        context = ssl._create_unverified_context()
        data = None if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", data=data, method=method,
                                         headers={"Content-Type": "application/json", "Fiducia-Purpose": purpose,
                                                  **({"Authorization": f"Bearer {key}"} if key else {}), **(headers or {})})
        with urllib.request.urlopen(request, context=context, timeout=20) as answer:
            text = answer.read()
        return json.loads(text) if text.startswith((b"{", b"[")) else text

    def customers(self):
        return self.call("POST", "/api/v1/quality", {}, key=self.key)["customers"]

    def entries(self, email):
        found = self.call("POST", "/api/v1/customers/search", {"where": {"email": email}}, "service", self.reader)["customers"]
        assert len(found) == 1, f"{email}: {len(found)} customers"
        return len(self.call("GET", f"/api/v1/customers/{found[0]['id']}/timeline", None, "service", self.reader)["events"])

    def connect(self, spec, secret=""):
        file = pathlib.Path(str(self.home) + ".json")
        file.write_text(json.dumps({"label": "Peer", "source": "peer", "every": 1, **spec, "secret": secret,
                                    "purposes": [{"id": "service", "basis": "contract"}]}))
        made = json.loads(self.run("--json", "connector", "add", file))
        file.unlink()
        return made["id"]

    def remove(self):
        if self.process and self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.home, ignore_errors=True)
        for tail in (".log", ".json"):
            pathlib.Path(str(self.home) + tail).unlink(missing_ok=True)


# Old events of unsigned time wait for somebody to look.
YESTERDAY = time.strftime("%Y-%m-%dT10:00:00Z", time.gmtime(time.time() - 86400))


def record(n):
    return {"id": n, "name": f"Peer Nr {chr(65 + n % 26)}", "email": f"p{n}@example.com", "order": f"#{n}",
            "at": YESTERDAY}


MAPPING = {"event": "Order Completed", "person": "id", "when": "at",
           "values": {"name_full": "name", "email": "email", "order": "order"}}


class Peer:
    secret = ""

    def __init__(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fiducia-peer-"))
        self.folder.chmod(0o755)
        self.process = None

    def start(self):
        self.process.start()

    def kill(self):
        self.process.kill()

    def settle(self, _house):
        pass

    def remove(self):
        if self.process and self.process.process.poll() is None:
            self.process.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


class Postgres(Peer):
    def __init__(self):
        super().__init__()
        self.cluster = Cluster().create().start()
        self.cluster.sql("CREATE TABLE orders (id bigint PRIMARY KEY, name text, email text, \"order\" text, at text, changed timestamptz NOT NULL DEFAULT clock_timestamp())")
        self.spec = {"kind": "postgres", "settings": {"url": f"postgresql://fiducia@/postgres?host={self.cluster.folder}", "table": "public.orders", "order": "changed, id"}, "mappings": {"": MAPPING}}

    def start(self):
        self.cluster.start()

    def kill(self):
        self.cluster.kill()

    def put(self, n):
        r = record(n)
        self.cluster.sql(f"INSERT INTO orders VALUES ({n}, '{r['name']}', '{r['email']}', '{r['order']}', '{r['at']}')")

    def remove(self):
        self.cluster.remove()
        shutil.rmtree(self.folder, ignore_errors=True)


class Maria(Peer):
    secret = "pass word"

    def __init__(self):
        super().__init__()
        self.port = free_port()
        user = ["--user=root"] if os.geteuid() == 0 else []
        subprocess.run(["mariadb-install-db", f"--datadir={self.folder}/data", "--auth-root-authentication-method=normal", *user], check=True, capture_output=True)
        self.process = Process(["mariadbd", "--no-defaults", f"--datadir={self.folder}/data", f"--socket={self.folder}/s", f"--port={self.port}", "--bind-address=127.0.0.1", "--innodb-flush-log-at-trx-commit=1", *user], self.port, self.folder).start()
        self.sql("CREATE DATABASE shop; CREATE TABLE shop.orders (id bigint PRIMARY KEY AUTO_INCREMENT, name text, email text, `order` text, at text)")
        self.sql("CREATE USER fid@'127.0.0.1' IDENTIFIED BY 'pass word'; GRANT SELECT ON shop.orders TO fid@'127.0.0.1'")
        self.spec = {"kind": "mysql", "settings": {"url": f"mysql://fid@127.0.0.1:{self.port}/shop", "table": "orders", "order": "id"}, "mappings": {"": MAPPING}}

    def sql(self, text):
        subprocess.run(["mariadb", "-S", f"{self.folder}/s", "-u", "root", "-e", text], check=True, capture_output=True)

    def put(self, n):
        r = record(n)
        self.sql(f"INSERT INTO shop.orders VALUES ({n + 1}, '{r['name']}', '{r['email']}', '{r['order']}', '{r['at']}')")


class Mail(Peer):
    secret = "mail secret"

    def __init__(self):
        super().__init__()
        self.port = free_port()
        ca = certificate(self.folder)
        for part in ("new", "cur", "tmp"):
            (self.folder / "mail" / part).mkdir(parents=True)
        me = subprocess.run(["id", "-un"], capture_output=True, text=True).stdout.strip()
        users = "" if os.geteuid() == 0 else f"default_internal_user = {me}\ndefault_login_user = {me}\n"
        uid = "nobody" if os.geteuid() == 0 else me
        gid = "nogroup" if os.geteuid() == 0 else subprocess.run(["id", "-gn"], capture_output=True, text=True).stdout.strip()
        if os.geteuid() == 0:
            subprocess.run(["chown", "-R", "nobody:nogroup", self.folder / "mail"], check=True)
        (self.folder / "dovecot.conf").write_text(f"""
protocols = imap
base_dir = {self.folder}/run
state_dir = {self.folder}/run
log_path = {self.folder}/dovecot.log
ssl = required
ssl_cert = <{self.folder}/cert.pem
ssl_key = <{self.folder}/key.pem
mail_location = maildir:{self.folder}/mail
first_valid_uid = 1
listen = 127.0.0.1
{users}service imap-login {{
  inet_listener imap {{
    port = 0
  }}
  inet_listener imaps {{
    port = {self.port}
  }}
}}
service stats {{
  unix_listener stats-writer {{
    mode = 0666
  }}
}}
passdb {{
  driver = static
  args = password={self.secret.replace(' ', '_')}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={self.folder}/mail
}}
""")
        Mail.secret = self.secret.replace(" ", "_")
        self.process = Process(["dovecot", "-F", "-c", self.folder / "dovecot.conf"], self.port, self.folder).start()
        self.spec = {"kind": "mailbox", "settings": {"url": f"imaps://localhost:{self.port}/INBOX", "user": "desk", "ca": ca, "inside": "true"},
                     "mappings": {"": {"event": "Mail", "person": "from", "when": "date", "ticket": "thread", "values": {"name_full": "name", "email": "from", "service_note": "words"}}}}

    def kill(self):
        # Its children live in their own sessions: they end with the master, so they are killed as well.
        pid = self.process.process.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        self.process.kill()
        for child in children:
            try:
                os.kill(int(child), signal.SIGKILL)
            except ProcessLookupError:
                pass
        (self.folder / "run/master.pid").unlink(missing_ok=True)

    def put(self, n):
        r = record(n)
        text = (f"From: {r['name']} <{r['email']}>\nTo: desk@example.com\nSubject: Order\nDate: Fri, 20 Nov 2026 10:00:00 +0000\n"
                f"Message-ID: <{n}@example.com>\nContent-Type: text/plain; charset=utf-8\n\nWhere is my order {r['order']}? My card is 6222021234567890128.\n")
        (self.folder / "mail/tmp" / str(n)).write_text(text)
        os.chmod(self.folder / "mail/tmp" / str(n), 0o666)
        os.rename(self.folder / "mail/tmp" / str(n), self.folder / "mail/new" / f"{1700000000 + n}.{n}.peer")

    def settle(self, house):
        """Each message is one ticket with one contact, and no card number is left in any."""
        waiting, cursor, tickets = None, "", []
        while cursor is not None:
            page = house.call("GET", f"/api/v1/tickets?limit=100{cursor and '&cursor=' + cursor}", None, "service", house.reader)
            tickets += page["tickets"]
            waiting, cursor = page["waiting"], page["next"]
        assert len(tickets) == waiting == house.customers(), (len(tickets), waiting)
        assert len({one["customer"] for one in tickets}) == waiting
        for one in tickets:
            assert one["channel"] == "mail" and len(one["contacts"]) == 1 and one["taken"]["bank_card"] == 1, one
        opened = house.call("GET", f"/api/v1/customers/{tickets[0]['customer']}/timeline", None, "service", house.reader)
        note = opened["events"][0]["fields"]["service_note"][0]["value"]
        assert "Where is my order" in note and "6222021234567890128" not in note, note


class Nats(Peer):
    def __init__(self):
        super().__init__()
        self.port = free_port()
        self.process = Process(["nats-server", "-js", "-sd", self.folder / "js", "-a", "127.0.0.1", "-p", self.port], self.port, self.folder).start()
        self.ask("$JS.API.STREAM.CREATE.ORDERS", {"name": "ORDERS", "subjects": ["orders.>"], "storage": "file", "retention": "limits"})
        self.ask("$JS.API.CONSUMER.DURABLE.CREATE.ORDERS.fiducia", {"stream_name": "ORDERS", "config": {"durable_name": "fiducia", "ack_policy": "explicit", "ack_wait": 3_000_000_000, "deliver_policy": "all"}})
        self.spec = {"kind": "nats", "settings": {"url": f"nats://127.0.0.1:{self.port}", "stream": "ORDERS", "consumer": "fiducia"}, "mappings": {"": MAPPING}}

    def ask(self, subject, payload):
        """Publishes and waits for what the server says: it is stored then."""
        data = json.dumps(payload).encode()
        with socket.create_connection(("127.0.0.1", self.port), 10) as s:
            wire = s.makefile("rwb")
            wire.readline()
            wire.write(b'CONNECT {"verbose":false,"pedantic":false}\r\nSUB _INBOX.lab 1\r\n')
            wire.write(f"PUB {subject} _INBOX.lab {len(data)}\r\n".encode() + data + b"\r\n")
            wire.flush()
            while True:
                line = wire.readline()
                if not line:
                    raise OSError("the server went")
                if line.startswith(b"PING"):
                    wire.write(b"PONG\r\n")
                    wire.flush()
                if line.startswith(b"MSG"):
                    answer = json.loads(wire.read(int(line.split()[-1])))
                    assert "error" not in answer, answer
                    return answer

    def put(self, n):
        self.ask("orders.new", record(n))


class Rest(Peer):
    """Pages of fifty with a cursor. What it serves survives its death: it is a list of ours."""
    secret = "rest token"

    def __init__(self):
        super().__init__()
        self.port, self.records = free_port(), []
        self.ca = certificate(self.folder)
        self.start()
        self.spec = {"kind": "rest", "settings": {"url": f"https://localhost:{self.port}/orders", "items": "data.orders", "next": "data.next", "cursor": "after", "ca": self.ca, "inside": "true"}, "mappings": {"": {**MAPPING, "id": "id"}}}

    def start(self):
        peer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                if self.headers.get("Authorization") != "Bearer rest token":
                    self.send_error(401)
                    return
                at = int(self.path.split("after=")[1]) if "after=" in self.path else 0
                page = peer.records[at:at + 50]
                more = at + len(page) if len(page) == 50 else None
                body = json.dumps({"data": {"orders": page, "next": more}}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.folder / "cert.pem", self.folder / "key.pem")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def kill(self):
        self.server.shutdown()
        self.server.server_close()

    def put(self, n):
        self.records.append(record(n))

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


class Webhook(Peer):
    """A sender that keeps what was not answered with 200, and sends it again."""
    secret = SECRET

    def __init__(self):
        super().__init__()
        self.spec = {"kind": "webhook", "settings": {"signing": "generic", "header": "X-Signature"}, "mappings": {"": MAPPING}}
        self.waiting, self.house, self.id = [], None, None

    def start(self):
        pass

    def kill(self):
        pass

    def put(self, n):
        self.waiting.append(json.dumps(record(n)).encode())
        self.send()

    def send(self):
        while self.waiting:
            body = self.waiting[0]
            sign = hmac.new(SECRET.encode(), body, hashlib.sha256).digest()
            try:
                self.house.call("POST", f"/v1/hooks/{self.id}", body, headers={"X-Signature": base64.b64encode(sign).decode()})
                if random.random() < 0.2:  # an answer that got lost: sent again
                    self.house.call("POST", f"/v1/hooks/{self.id}", body, headers={"X-Signature": base64.b64encode(sign).decode()})
            except OSError:
                return
            self.waiting.pop(0)

    def settle(self, _house):
        self.send()


PEERS = {"postgres": Postgres, "mysql": Maria, "mailbox": Mail, "nats": Nats, "rest": Rest, "webhook": Webhook}


def round_of(kind, binary, rounds, records, seed):
    random.seed(seed)
    peer, house = PEERS[kind](), House(binary)
    try:
        house.start()
        id = house.connect(peer.spec, peer.secret)
        if kind == "webhook":
            peer.house, peer.id = house, id
        events = ["put"] * records + ["kill house"] * rounds + ["kill peer"] * rounds
        random.shuffle(events)
        n = 0
        for event in events:
            if event == "put":
                peer.put(n)
                n += 1
                time.sleep(random.random() * 0.03)
            elif event == "kill house":
                house.kill()
                house.start()
            else:
                peer.kill()
                time.sleep(random.random())
                peer.start()
        until = time.time() + 90
        while time.time() < until:
            peer.settle(house) if kind == "webhook" else None
            if house.customers() >= records:
                break
            time.sleep(0.5)
        time.sleep(2.5)  # whatever would be doubled has time to be
        have = house.customers()
        assert have == records, f"{have} customers of {records} records"
        for one in random.sample(range(records), min(25, records)):
            entries = house.entries(f"p{one}@example.com")
            assert entries == 1, f"record {one}: {entries} entries"
        peer.settle(house)
        health = next(c for c in json.loads(house.run("--json", "connector", "list"))["connectors"] if c["id"] == id)
        assert health["health"]["letters"] == 0, health
        print(f"{kind}: {records} records, {rounds} deaths of each side, all there once", flush=True)
    except BaseException:
        print(json.dumps(json.loads(house.run("--json", "connector", "list")), indent=1)[-2500:])
        raise
    finally:
        house.remove()
        peer.remove()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", default="build/fiducia")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--records", type=int, default=120)
    parser.add_argument("--only")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    for kind in PEERS:
        if options.only in (None, kind):
            round_of(kind, pathlib.Path(options.binary).resolve(), options.rounds, options.records, options.seed)


if __name__ == "__main__":
    main()
