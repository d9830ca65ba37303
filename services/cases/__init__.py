"""Casework: matters of many kinds on one engine. `docs/casework.md` tells how to add a kind.

kind.py      the words in which a kind is written          states.py      what the timeline adds up to (pure)
common.py    the actions that kinds share                  deciding.py    what an action changes (pure)
engine.py    open and act: the only writers of a case      falling_due.py terms that passed: climbing, reminders
"""
