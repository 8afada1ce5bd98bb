"""What the verbs over many versions share: their options, who does the work, and how what came of it is printed."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tb_versions.cli import text
from tb_versions.core.manifest import visible

if TYPE_CHECKING:
    from tb_versions.fleet.found import Shard
    from tb_versions.fleet.work.leading import Engine, Outcome, Worked
    from tb_versions.fleet.work.letters import Letter

_PIPELINE = "tb_versions.pipeline"
_MOST_TOLD = 20
_Function = TypeVar("_Function", bound=Callable[..., Any])


_MOST_DIGITS = 7


class _Share(click.ParamType["Shard"]):
    """I/N."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Shard:
        from tb_versions.fleet.found import Shard

        if isinstance(value, Shard):
            return value
        index, _, count = str(value).partition("/")
        if not all(part.isascii() and part.isdigit() and len(part) < _MOST_DIGITS for part in (index, count)):
            self.fail(f"{visible(str(value))} is no share: write 1/8, then 2/8, and so on to 8/8.", param, ctx)
        if not 1 <= int(index) <= int(count):
            self.fail(f"{visible(str(value))} is no share: the first number is from 1 to the second.", param, ctx)
        return Shard(int(index), int(count))


class Piped(click.Command):
    """A command with `--runner`: what comes behind `--` are options of the pipeline then."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Takes the pipeline's options away, and parses the rest."""
        at = args.index("--") if "--" in args else len(args)
        has_runner = any(each == "--runner" or each.startswith("--runner=") for each in args[:at])
        if has_runner:
            ctx.meta[_PIPELINE] = tuple(args[at + 1 :])
            args = args[:at]
        elif at < len(args) and args[at + 1 :] and args[at + 1].startswith("--"):
            ctx.fail(f"{visible(args[at + 1])} is an option of --runner beam, which was not given.")
        return super().parse_args(ctx, args)


def shard(function: _Function) -> _Function:
    """Adds --shard."""
    words = "Only this share of the versions, such as 3/8."
    return click.option("--shard", metavar="I/N", type=_Share(), default=None, help=words)(function)


def runner(function: _Function) -> _Function:
    """Adds --runner, for a `Piped` command."""
    words = "Work with Apache Beam; its options come after --."
    return click.option("--runner", type=click.Choice(["beam"]), default=None, help=words)(function)


def pipeline(*, at_a_time: tuple[int, int] = (1, 200)) -> Engine:
    """Returns the pipeline that the command's options ask for; raises as `Beam`."""
    from tb_versions.fleet.work.beam import Beam

    return Beam(click.get_current_context().meta.get(_PIPELINE, ()), at_a_time=at_a_time)


@dataclass(frozen=True)
class Many:
    """How many versions are worked on.

    Attributes:
        shard: Which share of them; None for all.
        runner: "beam", or None for this process.
        dead_letters: Where dead letters go; None for the models folder.
        retry: Whether only what has a dead letter is done.
        started: Milliseconds since the epoch.
    """

    shard: Shard | None
    runner: str | None
    dead_letters: str | None
    retry: bool
    started: int

    def __bool__(self) -> bool:
        """Whether any of its options was given."""
        return bool(self.shard or self.runner or self.dead_letters or self.retry)

    @property
    def share(self) -> Shard:
        """Which share of them; of one, for all."""
        from tb_versions.fleet.found import Shard

        return self.shard or Shard()


def many(function: _Function) -> _Function:
    """Adds --shard, --runner, --dead-letters and --retry, which a function gets as `many`."""

    @functools.wraps(function)
    def collected(
        *arguments: Any,
        shard: Shard | None,
        runner: str | None,
        dead_letters: str | None,
        retry: bool,
        **more: Any,
    ) -> Any:
        now = time.time_ns() // 1_000_000
        return function(*arguments, many=Many(shard, runner, dead_letters, retry, now), **more)

    for option in (
        click.option("--retry", is_flag=True, help="Only what has a dead letter: do it again."),
        click.option(
            "--dead-letters",
            metavar="DIR",
            default=None,
            help="Where to keep what could not be done, or is not as it should be; by default beside the models.",
        ),
        runner,
        shard,
    ):
        collected = option(collected)
    return collected  # type: ignore[return-value]


@dataclass(frozen=True)
class Verb:
    """A verb over many versions.

    Attributes:
        name: As dead letters have it.
        one: Does one thing; can be pickled.
        unknown: As what is counted what could not be done.
        above: Folder or URL of all that is worked on.
        folder: The models folder, where dead letters are kept unless another is given.
        jobs: How many things at a time in this process.
    """

    name: str
    one: Callable[[Any], Outcome]
    unknown: str
    above: str
    folder: str
    jobs: int = 1


def work(verb: Verb, things: Mapping[str, Any], *, many: Many, is_gone: Callable[[str], bool]) -> tuple[Worked, str]:
    """Works on many things.

    Args:
        verb: What is done.
        things: By name.
        many: Who does it.
        is_gone: As of `leading.lead`.

    Returns:
        What became of them, and where dead letters are.

    Raises:
        TbVersionsError: The engine failed, or dead letters can't be written.
    """
    from tb_versions.fleet.work.leading import Here, Work, lead
    from tb_versions.fleet.work.letters import Letters, letters_folder

    engine = pipeline() if many.runner else Here(verb.jobs)
    share = f"{many.shard.index}-of-{many.shard.count}" if many.shard else ""
    where = letters_folder(verb.folder, many.dead_letters)
    letters = Letters(where, verb.name, share, has_workers=bool(many.runner))
    worked = lead(
        things, Work(verb.one, letters, verb.unknown, verb.above), engine=engine, again=many.retry, is_gone=is_gone
    )
    return worked, where


def failed_before(verb: str, folder: str, many: Many) -> dict[str, Letter]:
    """Returns the dead letters of a verb; raises as `letters_folder` and `Letters.outstanding`."""
    from tb_versions.fleet.work.letters import Letters, letters_folder

    return Letters(letters_folder(folder, many.dead_letters), verb).outstanding()


def tell(
    worked: Worked, where: str, *, words: Mapping[str, str], json: bool, problems: Sequence[tuple[str, str]] = ()
) -> None:
    """Prints what became of many things.

    Args:
        worked: What became of them.
        where: The dead letters.
        words: Of each count, in their order: what it is called.
        json: Whether to print JSON.
        problems: (where, why) of what could not be searched.
    """
    from tb_versions.fleet.work.leading import ALREADY, shown

    for place, why in problems[:_MOST_TOLD]:
        click.echo(f"tb-versions: {visible(f'{place}: {why}')}", err=True)
    old = worked.counts[ALREADY]
    if json:
        payload = {
            "counts": {name: worked.counts[name] for name in words},
            "already": old,
            "solved": worked.solved,
            "dead_letters": visible(where),
            "letters": [
                {
                    "what": visible(each.what),
                    "answer": each.answer,
                    "where": visible(each.where),
                    "why": visible(each.why),
                }
                for each in worked.letters
            ],
            "problems": [{"where": visible(place), "why": visible(why)} for place, why in problems],
        }
        click.echo(text.json_of(payload))
        return
    for letter in worked.letters[:_MOST_TOLD]:
        click.echo(shown(letter))
    if len(worked.letters) > _MOST_TOLD:
        click.echo(f"And {len(worked.letters) - _MOST_TOLD:,} more.")
    told = [f"{worked.counts[name]:,} {word}" for name, word in words.items()]
    before = f" {old:,} of them were recorded before, and not done again." if old else ""
    click.echo(f"{', '.join(told)}.{before}")
    count = len(worked.letters)
    if count:
        letters, these = ("letter", "this") if count == 1 else ("letters", "these")
        click.echo(visible(f"{count:,} dead {letters} in {where}; --retry does only {these} again."))
    if worked.solved:
        letters = "letter was" if worked.solved == 1 else "letters were"
        click.echo(f"{worked.solved:,} earlier dead {letters} taken back.")
