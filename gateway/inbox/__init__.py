"""Everything that arrives at the fakes.

* ``inbox``: the captured messages: add, find, wait, take; ``codes``: the codes in them
* ``undelivered``: what faults of delivery do to captures: lost, late, twice
* ``eml``: a captured mail as a file
* ``exchanges``: the requests at the fakes with their answers
* ``near_misses``: why a wait found nothing
* ``fresh_recipients``: unused recipients for tests

Imports ``delivery``, ``providers`` and the packages below them.
"""
