"""Devices elsewhere: a phone behind adb, a board behind ssh. Push files, run, pull JSON.

`template` is the file that says with which commands, `target` uses them, `harness` is the script
that runs there and needs nothing of ours.
"""
