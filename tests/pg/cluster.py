#!/usr/bin/env python3
"""PostgreSQL clusters in temporary directories, run by an unprivileged user over Unix sockets.

As a program, `cluster.py start FILE [COUNT]` starts COUNT of them for the test runner and writes where they are to
FILE as JSON; `cluster.py stop FILE` stops and removes them. As a module, Cluster is one server, with standbys of its own.
"""
import glob
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time

USER = "fiducia"


def programs():
    found = sorted(glob.glob("/usr/lib/postgresql/*/bin/initdb"))
    if not found:
        raise SystemExit("PostgreSQL is not installed: run ./dev setup")
    return pathlib.Path(found[-1]).parent


def unprivileged():
    """PostgreSQL refuses to run as root: then it runs as nobody."""
    return ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.geteuid() == 0 else []


class Cluster:
    def __init__(self, settings=None, fsync=True):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="fiducia-pg-"))
        self.data = self.folder / "data"
        self.settings = {"listen_addresses": "''", "unix_socket_directories": f"'{self.folder}'",
                         "max_connections": "200", "fsync": "on" if fsync else "off",
                         "max_wal_senders": "8", "wal_level": "replica", "shared_buffers": "128MB",
                         "max_locks_per_transaction": "1024", "max_pred_locks_per_transaction": "1024",
                         "wal_log_hints": "on", **(settings or {})}
        self.process = None
        self.open_folder()

    def open_folder(self):
        self.folder.chmod(0o755)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "nobody", pwd.getpwnam("nobody").pw_gid)

    def run(self, *words, **options):
        return subprocess.run([*unprivileged(), *map(str, words)], check=True, cwd=self.folder,
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, **options)

    def create(self):
        self.run(programs() / "initdb", "-D", self.data, "-U", USER, "-A", "trust", "--no-sync",
                 "-E", "UTF8", "--locale=C.UTF-8")
        return self

    def standby_of(self, primary):
        shutil.rmtree(self.data, ignore_errors=True)
        self.run(programs() / "pg_basebackup", "-D", self.data, "-h", primary.folder, "-U", USER, "-R",
                 "-X", "stream", "-c", "fast", "-d",
                 f"application_name={self.folder.name.replace('-', '_')}")
        return self

    def start(self):
        words = [*unprivileged(), str(programs() / "postgres"), "-D", str(self.data)]
        for name, value in self.settings.items():
            words += ["-c", f"{name}={value.strip(chr(39))}"]
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(words, stdout=log, stderr=log, cwd=self.folder,
                                            start_new_session=True)
        self.wait()
        return self

    def wait(self, seconds=60):
        until = time.time() + seconds
        while time.time() < until:
            if subprocess.run([programs() / "pg_isready", "-q", "-h", self.folder, "-U", USER]).returncode == 0:
                return
            if self.process and self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise SystemExit("PostgreSQL did not start:\n" + (self.folder / "log").read_text()[-2000:])

    def sql(self, text, database="postgres"):
        return subprocess.run(["psql", "-h", self.folder, "-U", USER, "-d", database, "-X", "-q", "-A", "-t",
                               "-v", "ON_ERROR_STOP=1", "-c", text], check=True, capture_output=True,
                              text=True).stdout.strip()

    def dsn(self, database):
        return f"postgresql://{USER}@/{database}?host={self.folder}"

    def kill(self):
        """As a power cut of the process: no shutdown of any kind."""
        pid = self.process.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for one in [str(pid), *children]:  # backends have process groups of their own
            try:
                os.kill(int(one), signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait()
        self.process = None
        for leftover in ("postmaster.pid",):
            (self.data / leftover).unlink(missing_ok=True)

    def promote(self):
        self.run(programs() / "pg_ctl", "promote", "-D", self.data, "-w")

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(timeout=60)
            self.process = None

    def remove(self):
        if self.process:
            self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)


def main():
    command, file = sys.argv[1], pathlib.Path(sys.argv[2])
    if command == "start":
        if file.exists():
            stop(file)
        nodes = []
        for _ in range(int(sys.argv[3]) if len(sys.argv) > 3 else 1):
            cluster = Cluster(fsync=False).create().start()
            for database in ("fiducia", "fiducia_keys"):
                cluster.sql(f"CREATE DATABASE {database}")
            nodes.append({"folder": str(cluster.folder), "pid": cluster.process.pid,
                          "data": cluster.dsn("fiducia"), "keys": cluster.dsn("fiducia_keys")})
        file.write_text(json.dumps({**nodes[0], "nodes": nodes}))
    else:
        stop(file)


def stop(file):
    if not file.exists():
        return
    for node in json.loads(file.read_text())["nodes"]:
        stop_node(node)
    file.unlink()


def stop_node(node):
    def ours():
        """Only what is still ours: a number may have been given to another process since."""
        try:
            return node["folder"] in pathlib.Path(f"/proc/{node['pid']}/cmdline").read_text()
        except FileNotFoundError:
            return False

    if ours():
        os.kill(node["pid"], signal.SIGINT)
    while ours():
        time.sleep(0.05)
    shutil.rmtree(node["folder"], ignore_errors=True)


if __name__ == "__main__":
    main()
