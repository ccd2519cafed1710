"""Metronome's error shape: one text, for every failure."""

from __future__ import annotations

from metersim.reading import Json
from metersim.simulation.problems import Problem


def problem_body(problem: Problem, call_id: str) -> Json:
    """``{"message": …}``"""
    return {"message": problem.detail}
