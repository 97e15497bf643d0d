"""Beyond one machine's memory and one machine: results written to disk piece by piece, resumable.

* `attribution`, `hits`: values of letters, and hits of motifs, of any number of sequences
* `streamed`: what results in a folder have in common
* `panel`: one function for many independent jobs
* `folder`, `request`, `work`, `rows`: where pieces are kept, when a call goes on, who does the work

Work goes through `joblib.Parallel()`: ``with joblib.parallel_config(n_jobs=2):`` shares it among
processes, ``backend="dask"`` among the machines of a Dask cluster.
"""
