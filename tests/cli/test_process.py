"""The command line as a process: pipes that close, interrupts, missing libraries, a full disk."""

import builtins
import io
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cptkit.cli import app, main, screen

HEADER = "claim,patient,dos,clinician,code,modifiers,units,minutes\n"
MANY = HEADER + "".join(f"C-{number},P-1,2026-03-02,X,90837,,1,50\n" for number in range(3000))
COMMAND = [sys.executable, "-m", "cptkit"]


@pytest.mark.skipif(os.name == "nt", reason="pipes close otherwise there")
@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_a_pipe_that_closes_is_no_error(file, form):
    process = subprocess.Popen(
        [*COMMAND, "check", str(file(MANY)), "--format", form], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(100)
    process.stdout.close()
    complaint = process.stderr.read()
    process.stderr.close()
    assert process.wait(timeout=120) == 1  # what was found stands, whoever reads it
    assert complaint == b""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk(file):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*COMMAND, "check", str(file(MANY))], stdout=full, stderr=subprocess.PIPE, check=False, text=True
        )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("cptkit: the output cannot be written (")


@pytest.mark.skipif(os.name == "nt", reason="interrupts are otherwise there")
def test_an_interrupt_is_quiet(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    process = subprocess.Popen([*COMMAND, "check", str(pipe)], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    with pipe.open("wb"):  # opens when the process reads, and keeps it waiting
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, out, err) == (130, b"", b"")


def test_an_interrupt_while_loading(monkeypatch):
    assert main_with_import_error(monkeypatch, KeyboardInterrupt()) == 130


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_without_the_extra(run, tmp_path, missing):
    (tmp_path / f"{missing}.py").write_text(f"raise ModuleNotFoundError('hidden', name={missing!r})\n")
    path = os.pathsep.join([str(tmp_path), *filter(None, sys.path)])
    answer = run("check", "week.csv", PYTHONPATH=path)
    assert answer == (2, "", f'cptkit: the command line needs {missing}: pip install "cptkit[cli]"\n')


def test_the_extra_is_told_in_one_line(monkeypatch, capsys):
    assert main_with_import_error(monkeypatch, ModuleNotFoundError("no click", name="click.core")) == 2
    assert capsys.readouterr().err.endswith('pip install "cptkit[cli]"\n')


def test_another_missing_module_is_no_matter_of_the_extra(monkeypatch):
    with pytest.raises(ModuleNotFoundError, match="cattrs"):
        main_with_import_error(monkeypatch, ModuleNotFoundError("no cattrs", name="cattrs"))


def main_with_import_error(monkeypatch, error: BaseException) -> int:
    ordinary = builtins.__import__

    def failing(name, *arguments, **options):
        if name == "cptkit.cli.app":
            raise error
        return ordinary(name, *arguments, **options)

    with monkeypatch.context() as patched:
        patched.setattr(builtins, "__import__", failing)
        return main(["--version"])


def test_the_arguments_of_the_process_are_the_default(monkeypatch, capfdbinary):
    monkeypatch.setattr(sys, "argv", ["cptkit", "rules"])
    assert main() == 0
    assert b"ADD301" in capfdbinary.readouterr().out


def test_an_abort_and_an_interrupt_inside_a_command(monkeypatch):
    click = pytest.importorskip("click")
    for raised in (click.Abort(), KeyboardInterrupt()):

        def stop(*_arguments, error=raised):
            raise error

        monkeypatch.setattr("cptkit.cli.check.read_lines", stop)
        assert app.run(["check", "-"]) == 130


# ---- where output goes -------------------------------------------------------------------


def test_text_without_bytes_beneath(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    screen.emit("a line\n")
    assert stream.getvalue() == "a line\n"


def test_no_standard_output_at_all(monkeypatch):
    monkeypatch.setattr(sys, "stdout", None)
    screen.emit("a line\n")
    assert screen.width_of(None) == 80


class Refusing(io.StringIO):
    """A stream whose other end is gone, or full; it has no file beneath it."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def write(self, _text: str) -> int:
        raise self.error


def test_streams_that_refuse(monkeypatch):
    monkeypatch.setattr(sys, "stdout", Refusing(BrokenPipeError(32, "Broken pipe")))
    screen.emit("a line\n")
    monkeypatch.setattr(sys, "stdout", Refusing(OSError(28, "No space left on device")))
    assert app.run(["rules"]) == 2


def test_a_closed_pipe_is_left_behind(monkeypatch):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w", encoding="utf-8") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        screen.emit("a line\n")
        stream.write("goes nowhere\n")


@pytest.mark.parametrize(
    ("columns", "width"), [("20", 40), ("100", 100), ("500", 120), ("wide", 80), ("", 80)]
)
def test_width(monkeypatch, columns, width):
    monkeypatch.setenv("COLUMNS", columns)
    assert screen.width_of(io.StringIO()) == width


@pytest.mark.parametrize("text", ["90834", "Zoë", ""])
def test_text_that_prints_is_left_alone(text):
    assert screen.visible(text) == text
