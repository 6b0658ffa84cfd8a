"""Logs of servers: bounded, private, without the key."""

from __future__ import annotations

from retold.engines.serve.log_file import LONGEST_LINE, LogFile


def test_a_log_stays_within_its_bound_and_keeps_the_end(tmp_path):
    """Kills: no rotation."""
    log = LogFile(tmp_path / "a.log", bytes_kept=1000)
    for number in range(500):
        log.write(f"line {number}\n".encode())
    log.close()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 2000
    assert len([*tmp_path.iterdir()]) == 2
    assert (tmp_path / "a.log").read_text().endswith("line 499\n")
    assert list(log.tail)[-1] == "line 499"


def test_the_key_is_not_in_it_even_across_writes_and_in_endless_lines(tmp_path):
    """Kills: a key that arrives in two pieces; one on a line without an end."""
    log = LogFile(tmp_path / "a.log", secret="sk-hidden")
    for piece in (b"key=sk-hi", b"dden and\n", b"x" * LONGEST_LINE, b"sk-hid", b"den", b"y" * 2 * LONGEST_LINE):
        log.write(piece)
    log.close()
    text = (tmp_path / "a.log").read_text()
    assert "key=*** and" in text and "hidden" not in text and "sk-hid" not in text
    assert (tmp_path / "a.log").stat().st_mode & 0o077 == 0


def test_of_a_progress_bar_the_last_state_is_kept(tmp_path):
    log = LogFile(tmp_path / "a.log")
    log.write(b"loading 1%\rloading 99%\rloaded\r\n")
    log.close()
    assert (tmp_path / "a.log").read_text() == "loaded\n"
