"""Sentences on why a rule holds, shared by several ops."""

PASSED = "A change in {x} changes {y} by as much, so d{y} comes back unchanged."
FLAT = "{y} is a step: level on both sides of its jumps, so a small change in {x} changes nothing and 0 comes back."
MOVED = "Only the places of the entries change, so each entry of d{y} goes back to where its entry of {x} was."
COPIED = "Each entry of {x} was copied to several places, so what comes back from all of its copies is added up."
DECIDES = "Only the entry that is the extreme decides {y}, so all of d{y} goes to it; entries that tie share it evenly."
