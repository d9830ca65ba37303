"""Makes the environment in which the engines run: `python -m bench.engines`."""

from bench.peers import peer_python

if __name__ == "__main__":
    print(peer_python())
