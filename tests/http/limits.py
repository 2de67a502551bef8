#!/usr/bin/env python3
"""The wire: what is not HTTP, too large, too slow, smuggled or badly encrypted gets a clear answer or none."""
import argparse
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import urllib.request

CONTEXT = ssl.create_default_context()
CONTEXT.check_hostname = False
CONTEXT.verify_mode = ssl.CERT_NONE


def send(port, data, context=CONTEXT):
    with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
        with context.wrap_socket(raw) as stream:
            try:
                stream.sendall(data)
            except OSError:
                pass  # answered before all was sent
            answer = b""
            try:
                while chunk := stream.recv(65536):
                    answer += chunk
                    head, _, body = answer.partition(b"\r\n\r\n")
                    length = [int(line.split(b":")[1]) for line in head.split(b"\r\n")
                              if line.lower().startswith(b"content-length:")]
                    if length and len(body) >= length[0]:
                        break
            except OSError:
                pass
            return answer


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--binary", default="build/fiducia")
    binary = os.path.abspath(parser.parse_args().binary)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="fiducia-http-"))
    home = str(folder / "home")
    server = None
    try:
        subprocess.run([binary, "--home", home, "--json", "init"], check=True, stdout=subprocess.DEVNULL)
        server = subprocess.Popen([binary, "--home", home, "--json", "serve", "--listen", "127.0.0.1:0",
                                   "--metrics", "127.0.0.1:0"],
                                  stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        port = int(json.loads(server.stdout.readline())["listening"].rsplit(":", 1)[1])
        host = b"Host: localhost\r\n"
        cases = {
            "not HTTP": (b"hello canary-7316\r\n\r\n", 400),
            "no Host": (b"GET /healthz HTTP/1.1\r\n\r\n", 400),
            "bad version": (b"GET /healthz HTTP/9.9\r\n" + host + b"\r\n", 400),
            "huge header": (b"GET /healthz HTTP/1.1\r\n" + host + b"X: " + b"a" * 40000 + b"\r\n\r\n", 431),
            "long address": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n" + host + b"\r\n", 414),
            "large body": (b"POST /api/v1/keys HTTP/1.1\r\n" + host + b"Content-Length: 5000000\r\n\r\n", 413),
            "large chunks": (b"POST /api/v1/keys HTTP/1.1\r\n" + host + b"Transfer-Encoding: chunked\r\n\r\n"
                             + b"200000\r\n" + b"a" * 0x200000 + b"\r\n0\r\n\r\n", 413),
            "two lengths": (b"POST /api/v1/keys HTTP/1.1\r\n" + host
                            + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}", 400),
            "length and chunks": (b"POST /api/v1/keys HTTP/1.1\r\n" + host + b"Content-Length: 4\r\n"
                                  b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400),
            "bad length": (b"POST /api/v1/keys HTTP/1.1\r\n" + host + b"Content-Length: -1\r\n\r\n", 400),
            "header twice": (b"GET /api/v1/catalog HTTP/1.1\r\n" + host
                             + b"Fiducia-Purpose: a\r\nFiducia-Purpose: b\r\n\r\n", 400),
            "control in header": (b"GET /healthz HTTP/1.1\r\n" + host + b"X: a\x01b\r\n\r\n", 400),
        }
        for name, (data, status) in cases.items():
            answer = send(port, data)
            assert answer.startswith(b"HTTP/1.1 %d" % status), (name, answer[:300])
            assert b"application/problem+json" in answer, name
            assert b"7316" not in answer, name
        # Many requests on one connection, one after the other.
        with socket.create_connection(("127.0.0.1", port), timeout=10) as raw:
            with CONTEXT.wrap_socket(raw) as stream:
                stream.sendall((b"GET /healthz HTTP/1.1\r\n" + host + b"\r\n") * 50)
                answer = b""
                while answer.count(b"HTTP/1.1 200") < 50:
                    answer += stream.recv(65536)
        # Old TLS is refused.
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname = False
        old.verify_mode = ssl.CERT_NONE
        old.set_ciphers("ALL:@SECLEVEL=0")
        old.minimum_version = ssl.TLSVersion.TLSv1
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        try:
            send(port, b"", old)
            raise AssertionError("TLS 1.1 was accepted")
        except ssl.SSLError:
            pass
        # Of TLS 1.2, neither CBC nor a key exchange without forward secrecy.
        for ciphers, taken in (("AES256-SHA:ECDHE-ECDSA-AES256-SHA:ECDHE-RSA-AES256-SHA384", False),
                               ("ECDHE-ECDSA-AES256-GCM-SHA384", True)):
            weak = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            weak.check_hostname = False
            weak.verify_mode = ssl.CERT_NONE
            weak.maximum_version = ssl.TLSVersion.TLSv1_2
            weak.set_ciphers(ciphers + ":@SECLEVEL=0")
            try:
                answered = send(port, b"GET /healthz HTTP/1.1\r\n" + host + b"\r\n", weak).startswith(b"HTTP/1.1 200")
            except ssl.SSLError:
                answered = False
            assert answered == taken, ciphers
        # Hundreds of idle connections do not stop others from being answered.
        idle = [socket.create_connection(("127.0.0.1", port)) for _ in range(300)]
        with urllib.request.urlopen(f"https://127.0.0.1:{port}/healthz", context=CONTEXT, timeout=10) as ok:
            assert ok.status == 200
            assert ok.headers["Strict-Transport-Security"] and ok.headers["Cache-Control"] == "no-store"
            assert "sandbox" in ok.headers["Content-Security-Policy"]
        for connection in idle:
            connection.close()
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=20) == 0
        server = None
        print(f"{len(cases)} ways to be wrong on the wire, each answered")
        return 0
    finally:
        if server is not None:
            server.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
