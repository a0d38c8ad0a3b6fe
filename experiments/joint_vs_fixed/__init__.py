"""Does it pay to search the accelerator too? NAHAS's multi-trial question, on trained networks.

Accuracies are NAS-Bench-Macro's: 6,561 networks, each trained by itself on CIFAR-10 three times.
So a trial costs nothing, and what an arm finds is as accurate as the table says, with no proxy in
between. `arms` says what is compared, `run` keeps records (csv, resumable), `page` makes the page.
"""
