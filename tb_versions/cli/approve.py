"""`tb-versions approve`, `withdraw`, `deprecate` and `restore`: they take several versions and a reason."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from tb_versions.actions import approving, deprecating
from tb_versions.actions.target import Change
from tb_versions.cli import verbs


def _command(help_text: str, act: Callable[..., Change]) -> click.Command:
    @click.command(act.__name__, help=help_text)
    @click.argument("refs", metavar="REF...", nargs=-1, required=True)
    @verbs.with_reason
    @verbs.changing
    def command(refs: Sequence[str], how: verbs.How, *, reason: str) -> None:
        wanted = verbs.expanded(refs, how.models_dirs)
        changes = [act(ref, how.folder_for(ref), reason=reason, **how.acting) for ref in wanted]
        how.print(*changes, several=True)

    return command


approve = _command(
    "Record that you approve of the versions REF, as a policy may ask before they are promoted.", approving.approve
)
withdraw = _command("Take back your own approval of the versions REF. Aliases stay.", approving.withdraw)
deprecate = _command(
    "Mark the versions REF as such that should not be used any more. Aliases stay, and loading works.",
    deprecating.deprecate,
)
restore = _command("Take back that the versions REF are deprecated.", deprecating.restore)
