#!/usr/bin/env python3
"""The command line as scripts know it: the words, the JSON and the exit codes, with and without a server."""
import argparse
import json
import os
import pathlib
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE

CSV = "no,name,phone\n1,Ana Canary,13800138000\n2,张伟,13900139000\n3,Bad,12\n"
MAPPING = """key = ["no"]
[[column]]
name = "name"
field = "name_full"
[[column]]
name = "phone"
field = "mobile"
"""


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default="build/fiducia")
    binary = os.path.abspath(parser.parse_args().binary)
    # A home with a long path: the local socket must cope.
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fiducia-cli-"))
    home = folder / ("long-" + "x" * 120)
    (folder / "people.csv").write_text(CSV)
    (folder / "mapping.toml").write_text(MAPPING)

    def run(*words, code=0):
        done = subprocess.run([binary, "--home", str(home), *words], capture_output=True, text=True)
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        return json.loads(done.stdout) if "--json" in words and done.stdout else done

    def find(purpose, code=0, number="13800138000"):
        return run("customer", "find", "--mobile", number, "--purpose", purpose, "--json", code=code)

    importing = ["import", str(folder / "people.csv"), "--mapping", str(folder / "mapping.toml"),
                 "--source", "shop", "--basis", "contract", "--purpose", "service", "--json"]
    server = None
    try:
        admin = run("init", "--json")["admin_key"]
        assert admin.startswith("fk_"), admin
        assert (home / "root.key").stat().st_mode & 0o077 == 0
        assert all(p.stat().st_mode & 0o077 == 0 for p in home.rglob("*.db"))
        run("init", "--json", code=1)            # there is one already
        run("no-such-command", code=2)
        run("import", "--json", code=2)          # no file
        run(*importing[:3], "--json", code=2)    # a file and nothing else
        run("customer", "find", "--purpose", "service", code=2)

        report = run(*importing)
        assert report["counts"]["created"] == 2, report
        assert report["counts"]["quarantined"] == 1, report
        assert run(*importing)["counts"]["created"] == 0

        server = subprocess.Popen(
            [binary, "--home", str(home), "--json", "serve", "--listen", "127.0.0.1:0"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        base = json.loads(server.stdout.readline())["listening"]
        # The same commands, now through the running server.
        assert run(*importing)["counts"]["created"] == 0
        found = find("service")["customers"]
        assert len(found) == 1 and found[0]["fields"]["name_full"][0]["value"] == "Ana Canary"
        assert find("curiosity", code=1)["code"] == "unknown_purpose"
        assert find("", code=1)["code"] == "purpose_required"
        assert find("marketing_sms")["customers"] == []
        agent = run("keys", "add-service", "--role", "agent", "--json")["key"]

        def get(path, key, purpose=None):
            request = urllib.request.Request(base + path, headers={"Authorization": f"Bearer {key}"})
            if purpose is not None:
                request.add_header("Fiducia-Purpose", purpose)
            try:
                with urllib.request.urlopen(request, context=CONTEXT) as answer:
                    return answer.status, json.loads(answer.read())
            except urllib.error.HTTPError as error:
                assert error.headers["Content-Type"] == "application/problem+json"
                return error.code, json.loads(error.read())

        call = folder / "call.txt"
        call.write_text("I want to complain: card 4111 1111 1111 1111 was charged twice for order 7711")
        seen = run("ticket", "preview", str(call), "--json")
        assert seen["matter"] == "complaint" and "4111" not in seen["text"] and "7711" in seen["text"], seen
        assert "taken out, always" in run("ticket", "preview", str(call)).stdout
        ticket = run("ticket", "add", found[0]["id"], str(call), "--source", "shop", "--minutes", "3", "--json")
        run("ticket", "add", found[0]["id"], str(call), "--source", "nowhere", "--json", code=1)
        run("ticket", "add", found[0]["id"], str(folder / "none.txt"), "--source", "shop", "--json", code=1)
        run("ticket", "add", found[0]["id"], str(call), code=2)
        assert run("ticket", "list", "--json")["waiting"] == 1
        assert "complaint by phone, 1 contact" in run("ticket", "list").stdout
        run("ticket", "close", found[0]["id"], ticket["id"], "--outcome", "solved")
        run("ticket", "close", found[0]["id"], ticket["id"], "--outcome", "solved", "--json", code=1)
        assert "0 open" in run("ticket", "list", "--closed").stdout
        path = "/api/v1/customers/" + found[0]["id"]
        assert get(path, agent, "service")[0] == 200
        assert get(path, agent)[1]["code"] == "purpose_required"
        assert get(path, admin, "service")[0] == 403
        assert get(path, "fk_wrong", "service")[0] == 401
        # What changed, from the beginning and from where that ended.
        changed = run("changes", "--purpose", "service")
        events = [json.loads(line) for line in changed.stdout.splitlines()]
        assert {e["type"] for e in events} == {"fiducia.customer.created"} and len(events) == 2, events
        assert run("changes", "--purpose", "service", "--cursor", changed.stderr.strip()).stdout == ""
        run("changes", "--purpose", "service", "--cursor", "junk", code=1)
        # A stream, its key shown once, and its end.
        made = run("stream", "add", "--source", "shop", "--label", "Site", "--basis", "consent", "--purpose",
                   "personalization", "--field", "page_view", "--path", "properties.size=product_interest", "--json")
        assert made["write_key"].startswith("wk_"), made
        listed = run("stream", "list", "--json")["streams"]
        assert [s["id"] for s in listed] == [made["id"]] and made["write_key"] not in json.dumps(listed)
        run("stream", "end", made["id"])
        run("stream", "end", made["id"], code=1)
        run("stream", "add", "--source", "shop", "--label", "Site", "--basis", "consent", "--purpose", "personalization",
            "--field", "income", code=1)

        verified = run("audit", "verify", "--json")
        assert verified["ok"] and verified["leaves"] > 5, verified
        # A second server on the same home is refused.
        second = subprocess.run([binary, "--home", str(home), "serve", "--listen", "127.0.0.1:0"],
                                capture_output=True, text=True, timeout=20)
        assert second.returncode == 1 and "using this data folder" in second.stderr, second
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0
        log = server.stderr.read()
        assert "Canary" not in log and "13800138000" not in log, log
        server = None
        assert run("audit", "verify", "--json")["ok"]
        receipt = folder / "receipt.json"
        run("customer", "erase", found[0]["id"], "--purpose", "legal_compliance", "--receipt", str(receipt))
        assert run("receipt", "verify", str(receipt), "--json")["customer"] == found[0]["id"]
        receipt.write_text(receipt.read_text().replace(found[0]["id"][-4:], "0000"))
        assert not run("receipt", "verify", str(receipt), "--json", code=1)["ok"]
        run("receipt", "verify", str(folder / "people.csv"), code=1)
        assert find("service")["customers"] == []
        assert run("keys", "rotate", "--json")["epoch"] == 2
        note = folder / "note.txt"
        note.write_text("Ring 13800138000.\nOrder 7655561439868822\n", encoding="utf-8")
        assert run("scan", str(note), "--json", "--redact", str(folder / "clean.txt"))["found"] == {"phone": [1]}
        assert (folder / "clean.txt").read_text() == "Ring [phone].\nOrder 7655561439868822\n"
        # Accountability: the record of processing names the purposes that run; nobody is given data.
        record = folder / "record.csv"
        run("record", "--out", str(record))
        assert "service" in record.read_text(), record.read_text()[:200]
        assert json.loads(run("record", "--format", "json").stdout)["purposes"], "the record has purposes"
        run("record", "--month", "1999-01", code=1)
        assert run("recipient", "list", "--json")["recipients"] == []
        print("the command line keeps its contract")
        return 0
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
