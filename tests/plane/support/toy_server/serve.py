"""A container's server in the standard library. Its model is the text of model/name.txt.

The body says what to do: `sleep:<s>`, `wait:<file>` (until it is there), `status:<code>`, `crash`, `headers`, `pid`;
anything else is echoed after the model's name.
"""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

BASE = Path(os.environ["SAGEMAKER_BASE_DIR"])


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.answer(int(os.environ.get("TOY_PING_STATUS", "200")), b"")

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        word, _, value = body.partition(":")
        if word == "sleep":
            time.sleep(float(value))
        while word == "wait" and "TOY_FAST" not in os.environ and not Path(value).exists():
            time.sleep(0.02)
        if word == "crash":
            os._exit(3)
        if word == "headers" or "TOY_HEADERS" in os.environ:
            return self.answer(200, json.dumps({k.lower(): v for k, v in self.headers.items()}).encode())
        if word == "pid":
            return self.answer(200, str(os.getpid()).encode())
        model = BASE / "model" / "name.txt"
        name = model.read_text() if model.exists() else "no model"
        return self.answer(int(value) if word == "status" else 200, f"{name}|{body}".encode())

    def answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if attributes := self.headers.get("X-Amzn-SageMaker-Custom-Attributes"):
            self.send_header("X-Amzn-SageMaker-Custom-Attributes", attributes + " seen")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True


print("toy server starts", flush=True)
print("a word on stderr", file=sys.stderr, flush=True)
if "TOY_CRASH" in os.environ:
    sys.exit(1)
Server(("127.0.0.1", int(os.environ["SAGEMAKER_BIND_TO_PORT"])), Handler).serve_forever()
