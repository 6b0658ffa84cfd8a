"""Model servers on the user's own machine, started and watched: `retold engine serve`.

launch.py        which command starts which engine, on which port, with which GPUs
leash.py         the process between us and a server: no server outlives the one who asked for it
replica.py       one server: started, waited for, watched, started again
fleet.py         all of them, and the lines for the recipe
causes.py        why a server died, from the end of its log
log_file.py      a log of bounded size without the key in it
llama_server.py  llama.cpp's server out of the package `xllamacpp`
"""

from __future__ import annotations
