"""A container as SageMaker's example of bringing one's own does it: nginx, gunicorn, Flask and pandas.

Run as a program it starts both servers; imported, it is gunicorn's application. Without nginx gunicorn listens.
"""

from __future__ import annotations

import io
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

NGINX = """
worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log stderr error;
events {{ worker_connections 2048; }}
http {{
  access_log off; client_max_body_size 6m; keepalive_requests 1000000;
  client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  server {{
    listen 127.0.0.1:{port};
    location / {{ proxy_set_header Host $http_host; proxy_pass http://unix:{folder}/gunicorn.sock; }}
  }}
}}
"""


def make_app():
    import flask
    import pandas
    import xgboost

    model = xgboost.XGBClassifier(n_jobs=1)
    model.load_model(os.environ["MODEL_FILE"])
    app = flask.Flask(__name__)

    @app.get("/ping")
    def ping():
        return flask.Response("\n", mimetype="application/json")

    @app.post("/invocations")
    def invocations():
        if flask.request.content_type != "text/csv":
            return flask.Response("only CSV", status=415)
        rows = pandas.read_csv(io.StringIO(flask.request.data.decode()), header=None)
        scores = pandas.DataFrame({"results": model.predict_proba(rows)[:, 1]})
        return flask.Response(scores.to_csv(header=False, index=False), mimetype="text/csv")

    return app


def main() -> None:
    port, nginx = os.environ["SAGEMAKER_BIND_TO_PORT"], shutil.which("nginx", path="/usr/sbin:/usr/bin")
    with tempfile.TemporaryDirectory() as folder:
        bound = f"unix:{folder}/gunicorn.sock" if nginx else f"127.0.0.1:{port}"
        worker = [sys.executable, "-m", "gunicorn", "-k", "sync", "-w", "1", "-b", bound]
        started = [subprocess.Popen([*worker, "benchmarks.serving.peers.classic:make_app()"])]
        if nginx:
            config = Path(folder) / "nginx.conf"
            config.write_text(NGINX.format(folder=folder, port=port))
            started.append(subprocess.Popen([nginx, "-p", folder, "-c", str(config)]))
        signal.signal(signal.SIGTERM, lambda *_: [each.terminate() for each in started])
        for each in started:
            each.wait()


if __name__ == "__main__":
    main()
