#!/usr/bin/env python3
"""Events taken in: batches of 100 over HTTPS, sealed, consent looked at, audited, durable; beside the same
requests to the same server with a wrong key, which are read and parsed and answered with a refusal.

    python3 bench/events.py [--seconds 10] [--rounds 5] [--people 1000]

With --soak, only the first of them, for so long, with a look at the memory every minute: it must not grow.

    python3 bench/events.py --soak 3600
"""
import argparse
import base64
import json
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent))
from run import Server, cli, say, wrk  # noqa: E402

LUA = """
local n = 0
local threads = 0
function setup(thread) threads = threads + 1; thread:set("id", threads) end
function request()
  n = n + 1
  local items = {}
  for i = 1, 100 do
    items[i] = '{"type":"track","event":"Product Viewed","userId":"u' .. ((n * 100 + i) %% %(people)d) ..
      '","messageId":"%(run)s-' .. id .. '-' .. n .. '-' .. i ..
      '","properties":{"path":"/tea/' .. i .. '","query":"green tea"},' ..
      '"context":{"consent":{"categoryPreferences":{"personalization":true}},"page":{"url":"https://shop.example/tea"}}}'
  end
  return wrk.format("POST", "/v1/batch", {["Content-Type"] = "application/json", ["Authorization"] = "Basic %(key)s"},
    '{"batch":[' .. table.concat(items, ",") .. ']}')
end
"""


def resident(pid):
    return int(re.search(r"VmRSS:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) // 1024


def soak(drive, pid, seconds):
    """The same load, minute after minute. The first minutes fill caches and pools; from then on memory is flat."""
    every = 60
    rates, memory, p99s = [], [], []
    for number in range(max(2, seconds // every)):
        rate, p99, bad = drive(f"s{number}", every)
        if bad:
            sys.exit(f"{bad} batches were refused")
        rates.append(rate * 100)
        p99s.append(p99)
        memory.append(resident(pid))
        say(f"minute {number + 1}: {rates[-1]:,.0f} events/s, p99 {p99:.0f} ms a batch, {memory[-1]} MiB")
    warm = memory[len(memory) // 6:]
    print(f"events                {sum(rates) * every:,.0f} in {len(rates)} minutes, {statistics.median(rates):,.0f}/s, "
          f"p99 {statistics.median(p99s):.0f} ms a batch")
    print(f"memory of the server  {memory[0]} MiB after a minute, {warm[0]} after a sixth, {warm[-1]} at the end, "
          f"{max(memory)} at most")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--people", type=int, default=1000)
    parser.add_argument("--soak", type=int, default=0, metavar="SECONDS")
    parser.add_argument("--perf", action="store_true", help="profile the last round into perf.data")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="fiducia-events-") as folder:
        home = pathlib.Path(folder) / "home"
        cli(home, "init")
        cli(home, "source", "add", "web", "--channel", "event", "--owner", "bench")
        key = cli(home, "keys", "add-service", "--role", "engineer")["key"]
        with Server(home) as server:
            made = subprocess.run(
                ["curl", "-sk", server.base + "/api/v1/streams", "-H", f"Authorization: Bearer {key}",
                 "-H", "Content-Type: application/json", "-d",
                 json.dumps({"source": "web", "label": "bench", "purposes": ["personalization"], "basis": "consent",
                             "fields": ["event_name", "page_view"]})],
                capture_output=True, text=True, check=True).stdout
            good = json.loads(made)["write_key"]
            rates, floors, p99s, memory = [], [], [], []

            def drive(which, run, seconds):
                script = pathlib.Path(folder) / f"{run}.lua"
                script.write_text(LUA % {"people": arguments.people, "run": run,
                                         "key": base64.b64encode(f"{which}:".encode()).decode()})
                return wrk(server.base + "/v1/batch", seconds, script=script, connections=16)

            if arguments.soak:
                soak(lambda run, seconds: drive(good, run, seconds), server.process.pid, arguments.soak)
                return
            for number in range(arguments.rounds):
                if arguments.perf and number == arguments.rounds - 1:
                    subprocess.Popen(["perf", "record", "-q", "-g", "-o", "perf.data", "-p", str(server.process.pid),
                                      "--", "sleep", str(arguments.seconds - 1)])
                rate, p99, bad = drive(good, f"r{number}", arguments.seconds)
                if bad:
                    sys.exit(f"{bad} batches were refused")
                rates.append(rate * 100)
                p99s.append(p99)
                floors.append(drive("wk_" + "0" * 81, f"f{number}", arguments.seconds)[0] * 100)
                memory.append(resident(server.process.pid))
                say(f"round {number + 1}: {rates[-1]:,.0f} events/s, {memory[-1]} MiB")
    rate, floor = statistics.median(rates), statistics.median(floors)
    print(f"events in batches of 100   {rate:,.0f}/s, p99 {statistics.median(p99s):.0f} ms a batch")
    print(f"read, parsed and refused   {floor:,.0f}/s, ratio {rate / floor:.2f}")
    print(f"memory of the server       {memory[0]} to {memory[-1]} MiB over {arguments.rounds} rounds")


if __name__ == "__main__":
    main()
