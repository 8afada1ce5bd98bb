"""Training a version again: what its manifest says of how it was made, what is missing, and the same once more.

`plan` reads a manifest and `grading` says what it lacks: both pure. `at_hand` compares data, `folder` writes the plan
down. `again` leads: `worktree` and `environments` make the work tree and the environment, `running` runs the command,
`against` compares what came of it, and `differences` says what differed before.
"""

from tb_versions.trust.reproducing.plan import Plan, plan_of

__all__ = ["Plan", "plan_of"]
