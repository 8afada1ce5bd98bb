"""Documents about one version, for other people's shelves: a model card, a bill of materials, a dossier.

`reading` makes a `Subject`, from which everything is taken out that must not leave this machine; `card`, `bom` and
`dossier` make text of it and are pure.
"""
