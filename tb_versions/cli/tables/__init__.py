"""The tables of `tb-versions index` behind other commands: whether they are asked, and what is shown of that."""
