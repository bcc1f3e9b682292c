"""The command ``miseban``: parsing and showing only; the work is done in the rooms."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from edge.cli_channels import send_test
from edge.cli_users import app as users
from edge.clock import seconds
from edge.errors import EdgeError, SettingsErrors
from edge.settings import DeviceSettings, SessionSource, StoreSettings, WebSettings, load_settings

if TYPE_CHECKING:
    from edge.daemon.welcome import Welcome

app = typer.Typer(
    name="miseban",
    help="One box in a shop that reads 3D depth cameras and tells the staff's phones what needs a person.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(users)
app.command("test-channel")(send_test)

SessionArgument = Annotated[
    Path, typer.Argument(metavar="SESSION", help="A recorded session: the folder that holds session.json.")
]
StoreOption = Annotated[
    Path | None, typer.Option("--store", help="A store.toml to use instead of the one in the session.")
]


class Noise(StrEnum):
    """Kinds of depth cameras that can be simulated."""

    STEREO = "stereo"
    TOF = "tof"
    NONE = "none"


def main() -> None:
    """Run the command; a fault that a person can mend is one line on standard error and exit code 1."""
    try:
        app(prog_name="miseban")
    except SettingsErrors as errors:
        for fault in errors.faults:
            _complain(fault)
        sys.exit(1)
    except EdgeError as error:
        _complain(error)
        sys.exit(1)


def _complain(error: EdgeError) -> None:
    """One line; what a file holds must not steer the terminal."""
    words = "".join(character if character.isprintable() else " " for character in str(error))
    print(f"Error: {words}", file=sys.stderr)


def _parse_speed(value: str | None) -> float | None:
    """A finite speed, or None for as fast as it goes."""
    if value is None or value == "max":
        return None
    try:
        speed = float(value)
    except ValueError:
        speed = 0.0
    if not 0.01 <= speed <= 1000.0:
        raise typer.BadParameter('give a number of 0.01 to 1000, or "max"')
    return speed


def _progress() -> Progress:
    """A progress bar on standard error, for a person at a terminal only."""
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeRemainingColumn(),
    )
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


@app.command()
def replay(
    session: SessionArgument,
    out: Annotated[
        Path | None,
        typer.Option(help="Folder for the results: tracks.csv, events.jsonl, alerts.jsonl and more; made if missing."),
    ] = None,
    speed: Annotated[
        str | None,
        typer.Option(help="Times real time, or max. Without it max, and 1 with --serve.", metavar="N|max"),
    ] = None,
    store: StoreOption = None,
    machines: Annotated[
        Path | None,
        typer.Option(help="Listen to the machines in this folder too: those of a box, or of one of its microphones."),
    ] = None,
    yamnet: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Hear glass, alarms and screams with YAMNet too: see miseban models."),
    ] = None,
    serve: Annotated[
        bool, typer.Option("--serve", help="Play it in a loop to the app as if it were live, until stopped.")
    ] = False,
    port: Annotated[int, typer.Option(min=0, max=65_535, help="Port of the app with --serve.")] = 8480,
) -> None:
    """Play a recorded session through the same rooms as live, and write what came of it.

    The same session and settings give the same bytes of results, at any speed and however often.
    """
    from edge.recording.folder import open_session
    from edge.replay.replay import ReplayStep, run

    pace = _parse_speed(speed)
    opened = open_session(session, store)
    if serve:
        if out is not None or speed == "max" or machines is not None or yamnet is not None:
            raise typer.BadParameter(
                "--serve plays for people: it takes neither --out, --machines, --yamnet nor --speed max"
            )
        _serve(session, opened.store if store is not None else None, pace or 1.0, port)
        return
    with _progress() as progress:
        task = progress.add_task(escape(opened.name), total=opened.duration_s)

        def advance(step: ReplayStep) -> None:
            if step.t_ns is not None:
                progress.update(task, completed=seconds(step.t_ns - opened.start_ns))

        summary = run(opened, out, pace, advance, machines=machines, yamnet=yamnet)
    console = Console()
    console.print(summary.tables())
    if out is not None:
        console.print(f"Results: {out}", soft_wrap=True)


def _serve(session: Path, store: StoreSettings | None, speed: float, port: int) -> None:
    from edge.daemon.supervisor import run as run_box

    source = SessionSource(path=session.absolute(), speed=min(speed, 100.0))
    # A journal of its own: what is played must not stand among the alerts of the real shop.
    device = DeviceSettings(session=(source,), data_dir=Path("var/replay"), web=WebSettings(port=port, sign_in=False))
    run_box(device, store, announce=_announce, quiet=True)


def _announce(address: str) -> None:
    if sys.stdout.isatty():
        print()  # apart from all that was set up before
    print(f"Open {address}  (stop with Ctrl-C)", flush=True)


def _greet(welcome: Welcome) -> None:
    print(welcome.text(), flush=True)


@app.command()
def run(
    device: Annotated[Path, typer.Option(help="What is plugged in.")] = Path("device.toml"),
    store: Annotated[
        Path | None,
        typer.Option(help="What the installer drew; without it store.toml in this folder, if there is one."),
    ] = None,
) -> None:
    """Run the box: cameras, alerts and the staff's app, until stopped."""
    from edge.daemon.supervisor import run as run_box

    plugged, drawn = load_settings(device, _here(store))
    # What makes an owner is for eyes at this terminal: a service's output ends in a log.
    run_box(plugged, drawn, announce=_announce, greet=_greet if sys.stdout.isatty() else None)


@app.command()
def listen(
    microphone: Annotated[
        str | None,
        typer.Argument(metavar="[MICROPHONE]", help="Its id in device.toml; where there is none, a sound device."),
    ] = None,
    device: Annotated[
        Path | None, typer.Option(help="What is plugged in; without it device.toml in this folder, if there is one.")
    ] = None,
    store: Annotated[
        Path | None, typer.Option(help="What the installer drew; without it store.toml in this folder, or none.")
    ] = None,
    session: Annotated[
        Path | None, typer.Option(metavar="SESSION|CLIP.wav", help="Hear a recording in place of a microphone.")
    ] = None,
    learn: Annotated[
        str | None, typer.Option(metavar="NAME", help="Learn how this machine sounds while it is well.")
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(min=0.02, max=1440.0, help="For so long; with --learn so much of the machine (5 without it)."),
    ] = None,
    overview: Annotated[
        bool, typer.Option("--list", help="List the sound devices and the machines that were learnt.")
    ] = False,
    trend: Annotated[
        str | None, typer.Option(metavar="NAME", help="Show how this machine has sounded, hour by hour.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="With --trend: draw it into this PNG too.")] = None,
) -> None:
    """Show what a microphone hears, or learn how a machine sounds.  Nothing of the sound is kept."""
    if (learn is not None) + overview + (trend is not None) > 1:
        raise typer.BadParameter("--learn, --list and --trend go one at a time")
    here = Path("device.toml")
    plugged, drawn = load_settings(device or (here if here.exists() else None), _here(store))
    if overview or trend is not None:
        _show_machines(plugged, drawn or StoreSettings(), microphone, trend, out)
        return
    from edge import logs
    from edge.daemon.listening import Wish
    from edge.daemon.listening import listen as hear
    from edge.daemon.listening_view import Screen, learnt_words
    from edge.recording.folder import open_session

    recorded = None if session is None else open_session(session)
    ear = (drawn or (StoreSettings() if recorded is None else recorded.store)).ear
    with Screen(Console()) as screen:
        logs.configure(json_lines=False, quiet=True)
        learnt = hear(Wish(plugged, ear, microphone, recorded, learn, minutes), screen.show)
    for words in () if learnt is None else learnt_words(learnt):
        print(words)


def _show_machines(
    device: DeviceSettings, store: StoreSettings, microphone: str | None, machine: str | None, out: Path | None
) -> None:
    from edge.daemon.machine_view import draw_trend, find_trend, overview, trend_lines

    console = Console()
    if machine is None:
        console.print(overview(device))
        return
    near, hours = find_trend(device, microphone, machine)
    console.print(trend_lines(machine, near, hours, store.local_time))
    if out is not None:
        draw_trend(machine, near, hours, store.local_time, out)
        console.print(f"Picture: {out}", soft_wrap=True)


def _here(store: Path | None) -> Path | None:
    """The store.toml that is named, or the one in this folder, if there is one."""
    return store or (Path("store.toml") if Path("store.toml").exists() else None)


@app.command()
def score(
    session: SessionArgument,
    results: Annotated[Path, typer.Argument(metavar="RESULTS", help="The folder that replay wrote with --out.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")] = False,
    store: StoreOption = None,
) -> None:
    """Judge the results of a replay against the session's truth."""
    from edge.recording.folder import open_session
    from edge.replay.score import score as judge
    from edge.replay.score_table import score_tables

    judged = judge(open_session(session, store), results)
    if as_json:
        print(json.dumps(asdict(judged), indent=1))
    else:
        Console().print(score_tables(judged))


@app.command()
def render(
    session: SessionArgument,
    out: Annotated[Path, typer.Option(help="A file that ends in .mp4, or a folder for PNG pictures.")],
    results: Annotated[
        Path | None, typer.Option(help="The folder that replay wrote; without it the session is replayed first.")
    ] = None,
    store: StoreOption = None,
) -> None:
    """Draw a session: depth, heads, people and their ways, and the shop from above."""
    from edge.recording.folder import open_session
    from edge.replay.render import render as draw

    opened = open_session(session, store)
    with _progress() as progress:
        task = progress.add_task(escape(opened.name), total=opened.frame_count)
        pictures = draw(opened, out, results, lambda: progress.advance(task))
    print(f"{pictures} pictures: {out}")


@app.command()
def calibrate(session: SessionArgument) -> None:
    """Find out from its floor how each camera of a session hangs: its height and how far it looks down."""
    from edge.recording.folder import open_session
    from edge.replay.placing import calibrate as from_floor

    opened = open_session(session)
    for camera in opened.cameras:
        fit = from_floor(opened, camera.id)
        print(f"camera {camera.id}")
        print(f"  height   {fit.height_m:.3f} m over the floor")
        print(f"  tilt     {fit.tilt_deg:.1f} degrees below the horizon (90 looks straight down)")
        print(f"  roll     {fit.roll_deg:+.1f} degrees")
        print(
            f"  floor    {100 * fit.inlier_fraction:.0f} % of the points in view, {1000 * fit.residual_m:.0f} mm rough"
        )
        if camera.pose is not None:
            print(f"  session  says {camera.pose.height_m:.3f} m and {camera.pose.tilt_deg:.1f} degrees")
        rows = [[round(value, 6) for value in row] for row in fit.pose.rows]
        print(f'  "T_store_camera": {json.dumps(rows)}')


@app.command("check-config")
def check_config(
    store: Annotated[Path | None, typer.Option(help="What the installer drew: store.toml.")] = None,
    device: Annotated[Path | None, typer.Option(help="What is plugged in: device.toml.")] = None,
) -> None:
    """Check the settings and print all faults of all files at once.

    Without options it checks store.toml and device.toml in this folder.
    """
    from edge.daemon.channel_check import channel_concerns
    from edge.daemon.outlook import microphone_concerns, watch_faults
    from edge.recording.check import device_faults, store_concerns
    from edge.settings import load_device, load_store
    from edge.web.certificate import web_concerns, web_faults

    if store is None and device is None:
        store, device = (path if path.exists() else None for path in (Path("store.toml"), Path("device.toml")))
    if store is None and device is None:
        raise EdgeError(
            "check-config", "finds neither store.toml nor device.toml here", "Name them: --store, --device."
        )
    faults: list[EdgeError] = []
    concerns: list[str] = []
    drawn = plugged = None
    try:
        if store is not None:
            drawn = (store, load_store(store))
            concerns += [f"{store}: {concern}" for concern in store_concerns(drawn[1])]
    except SettingsErrors as errors:
        faults.extend(errors.faults)
    try:
        if device is not None:
            plugged = (device, load_device(device))
            faults.extend((*device_faults(plugged[1], device), *web_faults(plugged[1].web, device)))
            worth = (
                *microphone_concerns(plugged[1]),
                *channel_concerns(plugged[1]),
                *web_concerns(plugged[1].web),
            )
            concerns += [f"{device}: {concern}" for concern in worth]
    except SettingsErrors as errors:
        faults.extend(errors.faults)
    if drawn is not None or store is None:  # a store.toml that cannot be read is not replaced by a session's
        faults.extend(watch_faults(drawn, plugged))
    for concern in concerns:
        print(f"Worth a look: {concern}")
    for fault in faults:
        _complain(fault)
    if faults:
        raise typer.Exit(1)
    print(" and ".join(str(path) for path in (store, device) if path is not None) + ": no faults")


@app.command()
def models(
    device: Annotated[
        Path | None, typer.Option(help="What is plugged in; without it device.toml in this folder, if there is one.")
    ] = None,
) -> None:
    """List the models that no package brings: what each improves, where it comes from, whether it is there and whole.

    Exit code 1 if device.toml names one that cannot be used.
    """
    from edge.recording.model_overview import model_states
    from edge.settings import load_device

    named = device or (Path("device.toml") if Path("device.toml").exists() else None)
    states = model_states((DeviceSettings() if named is None else load_device(named)).models)
    for state in states:
        for line in state.lines():
            print("".join(character if character.isprintable() else " " for character in line))
    if any(state.fault is not None for state in states):
        raise typer.Exit(1)


@app.command()
def simulate(
    scenario: Annotated[str, typer.Argument(help="What happens; an unknown name lists all.")],
    out: Annotated[Path, typer.Option(help="Folder for the session; it must not exist yet or be empty.")],
    seed: Annotated[int, typer.Option(min=0, help="Another seed gives other people on other ways.")] = 0,
    width: Annotated[
        int | None, typer.Option(min=16, max=1920, help="Of the pictures, pixels; without it the scenario's own.")
    ] = None,
    height: Annotated[
        int | None, typer.Option(min=12, max=1080, help="Of the pictures, pixels; without it the scenario's own.")
    ] = None,
    fps: Annotated[float, typer.Option(min=1.0, max=60.0, help="Frames per second.")] = 15.0,
    noise: Annotated[
        Noise | None, typer.Option(help="What kind of camera it is; without it the scenario's own.")
    ] = None,
    mount: Annotated[
        str | None,
        typer.Option(help="How it hangs; an unknown name lists all. Without it as the scenario and seed have it."),
    ] = None,
    duration: Annotated[
        float | None, typer.Option(min=1.0, max=3600.0, help="Seconds; without it the scenario's own length.")
    ] = None,
) -> None:
    """Make a session of a synthetic shop, with the exact truth beside it."""
    from edge.simulator.scenarios import SCENARIOS
    from edge.simulator.simulation import simulate as play

    if scenario not in SCENARIOS:
        known = "; ".join(f"{name}: {each.description}" for name, each in SCENARIOS.items())
        raise EdgeError(f"scenario {scenario!r}", "is unknown", f"There are: {known}")
    own = SCENARIOS[scenario].size
    size = (own[0] if width is None else width, own[1] if height is None else height)
    try:
        made = play(
            scenario, seed, out, size=size, fps=fps, noise=noise and noise.value, mount=mount, duration_s=duration
        )
    except ValueError as error:
        raise EdgeError("simulate", str(error), "See miseban simulate --help for what it takes.") from error
    print(f"{made.frames} frames, {len({head.person for head in made.heads})} people: {out}")


@app.command()
def version() -> None:
    """Show the version, and those of the libraries that results depend on."""
    from edge.replay.summary import versions

    for name, number in versions().items():
        print(f"{name} {number}")
