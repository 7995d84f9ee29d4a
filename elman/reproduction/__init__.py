"""Every figure and table of Elman (1990) beside this project's own measurements.

    paper     what the paper prints
    rules     what is compared, how near it must come, and the verdict that follows
    measure   the measurements of one seed

`python -m elman.reproduction` measures everything again and writes data/reproduction.json.
"""
