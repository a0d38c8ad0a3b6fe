"""What recipes share that train networks on a person's images for one device.

`settings` is what a person may set, `target` the device with its cost model, `space` the networks
at the images' size, `limits` what must be kept, `result` what `result.json` holds. A recipe adds
its search, and figures of it as data (`cosearch.report.plots`).
"""
