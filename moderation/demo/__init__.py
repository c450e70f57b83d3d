"""What the demonstration town shows of the back office: a few rows of each thing, written as if they had happened.

`settings.DEMO_PARTS` names the loaders, in the order in which they run; each is called once, when the town is new.
"""
