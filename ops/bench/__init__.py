"""`make bench`: what the portal's speed is, each figure beside what it is compared with in the same run.

A portal of its own is started on scratch data and filled twice: a small database, and a large one a hundred times its
size. What grows between the two grows with the town.

__main__    the whole run, step by step
choices     what a person may choose on the command line
scratch     the second database, and Django in a process of its own on either
fill        invented reports by the hundred thousand              (a process of its own)
pages       viewports and pages, small against large              (a process of its own)
load        many visitors at once through the front: wrk(1)
sockets     from a change of status to every open map
memory      what each process holds
table       the figures in columns
"""
