#!/usr/bin/env python3
"""Whether the time of a wrong sign-in tells if the login exists: medians of interleaved attempts.

`bench/sign_in_time.py [--rounds 100]`: a password that is wrong, for a person who exists and for one who does not,
each from an address that the throttle does not hold back. Prints both medians and their difference; ASVS 6.3.8.
"""
import argparse
import pathlib
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "tests")]
from harness import Client, Home, Server  # noqa: E402

ROUNDS_AN_ADDRESS = 20  # the throttle lets 60 failures a minute through from one


def client_from(port, number):
    client = Client(port, "none")
    client.connection.source_address = (f"127.0.0.{number + 2}", 0)
    client.connection.connect()
    del client.headers["Authorization"]
    return client


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default="build/fiducia")
    parser.add_argument("--rounds", type=int, default=100)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fiducia-time-") as folder:
        home = Home(arguments.binary, pathlib.Path(folder) / "home")
        home.answer("init")
        paths = [home.answer("people", "add", f"known{i}", "--name", "Known Person")["setup_path"]
                 for i in range(arguments.rounds)]
        server = Server(home)
        client = client_from(server.port, 0)
        for path in paths:
            status, _ = client.call("POST", "/api/v1/session/setup",
                                    {"token": path.split("#")[1], "password": "a green bicycle in the rain"})
            assert status == 200, status
        took = {"known": [], "unknown": []}
        for i in range(arguments.rounds):
            if i % ROUNDS_AN_ADDRESS == 0:
                client = client_from(server.port, i // ROUNDS_AN_ADDRESS)
            # The order changes, so that neither profits from what the other warmed up.
            for kind in ("known", "unknown") if i % 2 else ("unknown", "known"):
                started = time.perf_counter()
                status, _ = client.call("POST", "/api/v1/session",
                                        {"login": f"{kind}{i}", "password": "a wrong password it is"})
                assert status == 401, status
                took[kind].append((time.perf_counter() - started) * 1000)
        server.stop()
    medians = {kind: statistics.median(times) for kind, times in took.items()}
    print(f"known {medians['known']:.2f} ms, unknown {medians['unknown']:.2f} ms, "
          f"difference at p50 {abs(medians['known'] - medians['unknown']):.2f} ms "
          f"({len(took['known'])} and {len(took['unknown'])} attempts)")


if __name__ == "__main__":
    main()
