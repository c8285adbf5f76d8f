"""The process that serves a model: `python -m promptctl.models.local.server WEIGHTS`.

It prints one line of JSON, {"address": ...}, and lives until its standard input ends: as long as its parent, however
that ends.
"""

import json
import os
import signal
import sys
from pathlib import Path


def main(weights: str) -> None:
    """Serve the weights on a free port of this machine until standard input ends."""
    # Ctrl-C reaches the whole group; the parent still wants the answers that are under way.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    from xllamacpp import CommonParams, Server  # 250 ms, in a process of its own

    params = CommonParams()
    params.model.path = weights
    params.model_alias = {Path(weights).stem}  # else its whole path stands in every answer
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    # One slot and no prompt cache: with them an answer depends on what was asked before.
    params.n_parallel = 1
    params.cache_prompt = False
    params.cache_ram_mib = 0
    params.fit_params = False  # nor may the context depend on the memory that happens to be free
    params.offline = True
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = 0
    # With every core busy a single neighbour costs nine tenths of the speed.
    threads = max(1, (os.cpu_count() or 1) - 1)
    params.cpuparams.n_threads = threads
    # Reading a prompt scales with every core and does not suffer so.
    params.cpuparams_batch.n_threads = os.cpu_count() or 1
    server = Server(params)
    print(json.dumps({"address": server.listening_address}), flush=True)  # noqa: T201 - for the parent
    sys.stdin.read()
    os._exit(0)  # The server's threads do not end by themselves.


if __name__ == "__main__":
    main(sys.argv[1])
