"""Operations: how the portal is installed, started, watched, stopped and checked on one machine.

`make` is the only thing a person calls. Each of its targets is a module here:

bootstrap   standard library only: missing packages, virtual environment, then the target itself
run         the whole portal in the foreground                      (`make run`)
tests       a database and a Redis for the suite, then pytest       (`make test`)
lint        every check of the code, one line each                  (`make lint`)
bench       a speed table on scratch data                           (`make bench`)
stop        what a killed `make run` left behind                    (`make stop`)
manage      Django's command line inside the running portal         (`make manage ARGS=…`)

`processes` lists what a portal consists of, for this machine and for docker-compose.yml alike. `supervisor` starts,
watches and stops; `postgres`, `redis` and `nginx` know one program each; `stack` and `portal` are what tests and
benchmarks use.
"""
