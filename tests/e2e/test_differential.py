"""The answers of Zipkin, Jaeger and Tempo as they were recorded (tests/differential), and ours to the same questions."""

import itertools
import json
import pathlib
import sys

import pytest

from cairn_server import Server

HERE = pathlib.Path(__file__).parent.parent / "differential"
sys.path.insert(0, str(HERE))

import asked  # noqa: E402
import different  # noqa: E402
import record  # noqa: E402

LISTS = {"zipkin": asked.ZIPKIN, "jaeger": asked.JAEGER, "tempo": asked.TEMPO}


@pytest.fixture(scope="module", params=sorted(LISTS))
def answers(request, tmp_path_factory):
    """(dialect, what they said, what we say)"""
    dialect = request.param
    recorded = HERE / "recorded" / f"{dialect}.json"
    server = Server(tmp_path_factory.mktemp(dialect) / "data").start()
    url = {"zipkin": server.zipkin, "jaeger": server.query, "tempo": server.tempo}[dialect]
    base = record.base_now()
    record.fill(dialect, url, server.otlp, base)
    try:
        yield dialect, json.loads(recorded.read_text()), record.ask_all(dialect, url, base)
    finally:
        assert server.stop() == 0


def differences(want, got, where=""):
    """Where the two differ, as lines."""
    if type(want) is not type(got) or not isinstance(want, (dict, list)):
        if want != got:
            yield f"{where}: theirs {json.dumps(want)[:200]}, ours {json.dumps(got)[:200]}"
    elif isinstance(want, dict):
        for key in sorted(set(want) | set(got)):
            if key not in got or key not in want:
                side = "theirs" if key in want else "ours"
                yield f"{where}.{key}: only {side} {json.dumps((want if key in want else got)[key])[:200]}"
            else:
                yield from differences(want[key], got[key], f"{where}.{key}")
    elif len(want) != len(got):
        yield f"{where}: theirs {len(want)} items, ours {len(got)}: {json.dumps(want)[:300]} | {json.dumps(got)[:300]}"
    else:
        for i, pair in enumerate(zip(want, got)):
            yield from differences(*pair, f"{where}[{i}]")


def test_answers(answers):
    dialect, theirs, ours = answers
    assert set(theirs) == set(LISTS[dialect]), "record again: the questions have changed"
    failed, known = [], []
    for path, want in theirs.items():
        got = ours[path]
        want, got = different.without(dialect, want), different.without(dialect, got)
        if want == got:
            continue
        why = different.WHY.get(dialect, {}).get(path)
        (known if why else failed).append(path)
        if not why:
            print(f"\n--- {dialect} {path}", *itertools.islice(differences(want, got), 4), sep="\n    ")
    print(f"\n{dialect}: {len(theirs) - len(failed) - len(known)} of {len(theirs)} alike, {len(known)} known differences")
    for path in known:
        print(f"  {path}: {different.WHY[dialect][path]}")
    assert not failed


def test_known_differences_are_asked(answers):
    dialect, theirs, ours = answers
    for path in different.WHY.get(dialect, {}):
        assert path in theirs
        assert different.without(dialect, theirs[path]) != different.without(dialect, ours[path]), f"alike by now: {path}"
