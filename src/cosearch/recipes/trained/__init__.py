"""What recipes share that train networks on a person's images for one device.

`settings` is what a person may set, `target` the device with its cost model or table, `place` where
it can be measured, `measured` the table of a runtime made first; `space` the networks at the
images' size, `limits` what must be kept, `confirmed` what keeps it when it is measured whole,
`result` what `result.json` holds. A recipe adds its search, and figures of it as data
(`cosearch.report.plots`).
"""
