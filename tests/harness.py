"""What the Python tests share: a server started for one test, and a client of its API."""
import http.client
import json
import os
import signal
import ssl
import subprocess

CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False  # each home makes a certificate of its own
CONTEXT.verify_mode = ssl.CERT_NONE


class Failure(Exception):
    """Something the product promised did not hold."""


def check(good, what):
    if not good:
        raise Failure(what)


class Home:
    """An installation, driven from the command line."""

    def __init__(self, binary, folder):
        self.binary = os.path.abspath(binary)
        self.folder = str(folder)

    def run(self, *words):
        return subprocess.run([self.binary, "--home", self.folder, "--json", *map(str, words)],
                              capture_output=True, text=True, check=False)

    def answer(self, *words):
        done = self.run(*words)
        check(done.returncode == 0, f"{words[0]} failed: {done.stdout}{done.stderr}")
        return json.loads(done.stdout) if done.stdout else {}


class Server:
    def __init__(self, home, *words, errors=subprocess.DEVNULL):
        self.process = subprocess.Popen(
            [home.binary, "--home", home.folder, "--json", "serve", "--listen", "127.0.0.1:0", *words],
            stdout=subprocess.PIPE, stderr=errors, text=True)
        line = self.process.stdout.readline()
        check(line, "the server did not start")
        self.port = int(json.loads(line)["listening"].rsplit(":", 1)[1])

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        check(self.process.wait(timeout=60) == 0, "the server did not stop cleanly")


class Client:
    def __init__(self, port, key, purpose="service", timeout=60):
        self.connection = http.client.HTTPSConnection("127.0.0.1", port, context=CONTEXT, timeout=timeout)
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json",
                        "Fiducia-Purpose": purpose}

    def call(self, method, path, body=None, **more):
        self.connection.request(method, path, json.dumps(body) if body is not None else None,
                                {**self.headers, **more})
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text else {}
